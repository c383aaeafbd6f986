"""Where tactics come from. All of it is untrusted: Lean runs them, and the audit judges."""
