"""File formats of networks and boxes, a module each; `pyorch.nets.reader` chooses among them."""
