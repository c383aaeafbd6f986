"""Families of tactics: what a tactic does, by its first word and by what its argument is.

The priors (`priors.py`) count families, in Mathlib's proofs and in our suggestions alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from pyorch.search.suggest.shape import Symbol

__all__ = ["FAMILIES", "NEAREST", "families_of"]

#: Mathlib's tactics, and spellings of Lean's own, as the nearest tactics that core Lean has and
#: that we suggest. A tactic with several of them counts for each in equal parts.
NEAREST: dict[str, tuple[str, ...]] = {
    # arithmetic
    "linarith": ("omega", "grind"),
    "nlinarith": ("grind",),
    "polyrith": ("grind",),
    "linear_combination": ("grind",),
    "positivity": ("omega", "grind"),
    "gcongr": ("apply_lemma", "omega"),
    "bound": ("grind",),
    "ring": ("grind", "ac_rfl"),
    "ring1": ("grind", "ac_rfl"),
    "ring_nf": ("grind", "simp"),
    "abel": ("ac_rfl", "grind"),
    "abel_nf": ("ac_rfl",),
    "group": ("grind",),
    "noncomm_ring": ("grind",),
    "field_simp": ("grind", "simp"),
    "norm_num": ("simp", "decide"),
    "norm_num1": ("simp", "decide"),
    "norm_cast": ("omega", "simp"),
    "push_cast": ("simp",),
    "exact_mod_cast": ("exact_local", "omega"),
    "zify": ("omega",),
    "qify": ("grind",),
    "lift": ("cases",),
    "mono": ("apply_lemma",),
    "ac_nf": ("ac_rfl",),
    # automation
    "aesop": ("simp_all", "grind"),
    "aesop_cat": ("simp_all", "grind"),
    "tauto": ("grind", "simp_all"),
    "itauto": ("grind",),
    "finish": ("grind",),
    "solve_by_elim": ("apply_local", "exact_lemma"),
    "hint": ("exact_lemma",),
    "library_search": ("exact_lemma",),
    "exact?": ("exact_lemma",),
    "measurability": ("exact_lemma",),
    "continuity": ("exact_lemma",),
    "fun_prop": ("exact_lemma",),
    "infer_instance": ("exact_lemma",),
    "inferInstance": ("exact_lemma",),
    "bv_decide": ("decide", "grind"),
    "simp_arith": ("omega", "simp"),
    "trivial": ("decide", "assumption"),
    "nofun": ("contradiction",),
    # rewriting and simplification
    "simpa": ("simp", "simp_at"),
    "simp_rw": ("rw_lemma",),
    "erw": ("rw_lemma",),
    "rwa": ("rw_lemma",),
    "nth_rw": ("rw_lemma",),
    "nth_rewrite": ("rw_lemma",),
    "rewrite": ("rw_lemma",),
    "dsimp": ("simp", "unfold"),
    "change": ("unfold",),
    "show": ("unfold",),
    "delta": ("unfold",),
    "unfold_let": ("unfold",),
    "push_neg": ("simp",),
    "subst_vars": ("subst",),
    "unfold_projs": ("unfold",),
    "split_ifs": ("split",),
    "eq_self_iff_true": ("rfl",),
    "eq_refl": ("rfl",),
    "ac_change": ("ac_rfl",),
    # logic
    "intros": ("intro",),
    "introv": ("intro",),
    "rintro": ("intro", "cases"),
    "cases'": ("cases",),
    "rcases": ("cases",),
    "obtain": ("cases",),
    "casesm": ("cases",),
    "cases_type": ("cases",),
    "injection": ("cases",),
    "fin_cases": ("cases",),
    "interval_cases": ("cases", "omega"),
    "induction'": ("induction",),
    "by_contra": ("false",),
    "by_contra'": ("false",),
    "by_contra!": ("false",),
    "exfalso": ("false",),
    "absurd": ("contradiction",),
    "contrapose": ("false",),
    "contrapose!": ("false",),
    "use": ("exists",),
    "existsi": ("exists",),
    "exists": ("exists",),
    "refine'": ("apply_lemma",),
    "fconstructor": ("constructor",),
    "econstructor": ("constructor",),
    "and_intros": ("constructor",),
    "exacts": ("exact_lemma",),
    "apply_assumption": ("apply_local",),
    "apply_rules": ("apply_lemma",),
    "apply_fun": ("apply_lemma",),
    "convert": ("exact_lemma",),
    "convert_to": ("exact_lemma",),
    "symm": ("symm",),
    "trans": ("apply_lemma",),
    "transitivity": ("apply_lemma",),
    "calc": ("apply_lemma",),
    "fun_induction": ("induction",),
    "fun_cases": ("cases",),
    "bv_omega": ("omega",),
    # functions and extensionality
    "ext1": ("ext",),
    "funext": ("ext",),
    "congr!": ("congr",),
    "congr": ("congr",),
    "specialize": ("have",),
    "replace": ("have",),
    "have": ("have",),
    "by_cases": ("by_cases",),
    "by_cases!": ("by_cases",),
    "omit": (),
    "open": (),
}

#: All families. ``false`` turns the goal into False; ``_local`` means with a hypothesis, ``_lemma``
#: with something else, ``_at`` in a hypothesis.
FAMILIES = frozenset(
    """
    rfl decide omega simp simp_at simp_all grind ac_rfl constructor left right exists intro cases
    induction unfold subst split ext contradiction assumption symm congr by_cases have false
    rw_lemma rw_local rw_at exact_lemma exact_local apply_lemma apply_local
    """.split()  # noqa: SIM905
)

# combinators before the tactic that matters
_PREFIX = re.compile(
    r"(?:[·.({]\s*|(?:try|all_goals|any_goals|repeat'?|focus|first|classical|iterate \d*"
    r"|on_goal \d+|rename_i[^;]*;|\|)\s*)+"
)
_HEAD = re.compile(r"[A-Za-z_][A-Za-z0-9_'!?]*")
_ARGUMENT = re.compile(r"[\w✝']+", re.UNICODE)


def families_of(tactic: str, local: Collection[str], target: Symbol) -> tuple[str, ...]:
    """The families that ``tactic`` belongs to; empty if it is none that we know.

    Args:
        tactic: as Lean text; the first of a sequence counts.
        local: the names of the goal's hypotheses.
        target: the symbol of what is to be proved.
    """
    skip = _PREFIX.match(tactic)
    text = tactic[skip.end() if skip else 0 :]
    match = _HEAD.match(text)
    if match is None:
        return ()
    head, rest = match.group(), text[match.end() :].strip()
    if head in ("exact", "refine", "refine'", "apply") and rest.startswith("⟨"):
        return ("exists",) if target is Symbol.EXISTS else ("constructor",)
    argument = _ARGUMENT.search(rest)
    is_local = argument is not None and argument.group() in local
    at = re.search(r"\bat\s+(?!⊢)", rest) is not None
    if head in ("exact", "apply", "refine", "refine'"):
        verb = "exact" if head == "exact" else "apply"
        return (f"{verb}_local" if is_local else f"{verb}_lemma",)
    if NEAREST.get(head) == ("rw_lemma",) or head == "rw":
        return ("rw_at",) if at else ("rw_local" if is_local else "rw_lemma",)
    if head in ("simp", "dsimp", "norm_num", "push_neg", "push_cast", "norm_cast", "simpa") and at:
        return ("simp_at",)
    if head == "simp":
        return ("simp",)
    found = NEAREST.get(head)
    if found is not None:
        return found
    return (head,) if head in FAMILIES else ()
