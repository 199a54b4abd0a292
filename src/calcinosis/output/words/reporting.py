"""The end of an evaluation: who the cases are, methods for a paper, versions, and STARD's list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from calcinosis.errors import listed
from calcinosis.output.words.sections import Items, Part, Section, table
from calcinosis.study.evaluate import CHOSEN, Evaluation, Flow
from calcinosis.study.intervals import SMALL


def closing(evaluation: Evaluation, above: Iterable[Section]) -> list[Section]:
    """The last sections, behind those ``above``."""
    found = [
        Section("flow", "Who the cases are", tuple(_flow(evaluation))),
        Section("missing", "What is not stated", tuple(_missing(evaluation))),
        Section("methods", "Methods", tuple(_methods(evaluation))),
        Section("versions", "Versions and files", tuple(_versions(evaluation))),
    ]
    titles = {one.anchor: one.title for one in (*above, *found)}
    return [*found, Section("stard", "STARD 2015", tuple(_stard(evaluation, titles)))]


def steps(flow: Flow) -> list[tuple[str, int, str]]:
    """The way of the cases: what is counted, how many, and what left before."""
    return [
        ("read", flow.read, f"{flow.refused} refused"),
        ("with a label", flow.read - flow.unlabelled, f"{flow.unlabelled} without a label"),
        ("scored", flow.scored, f"{flow.unscored} without one answer"),
        ("pooled", flow.pooled, f"{flow.scored - flow.pooled} that a name decides"),
    ]


def _flow(evaluation: Evaluation) -> Iterator[Part]:
    flow, who = evaluation.flow, evaluation.characteristics
    rows = [(step, str(count), left) for step, count, left in steps(flow)]
    yield table("From what was given to what is pooled", ("step", "cases", "left before"), rows)
    for mode, answers in flow.answers.items():
        told = [f"{answer} {count}" for answer, count in sorted(answers.items())]
        yield f"Pooled cases, {mode}: {listed(told) or 'none'}."
    if flow.labels_refused or flow.labels_unmatched:
        strange = ", ".join(flow.labels_unmatched)
        yield (
            f"Labels set aside: {flow.labels_refused} rows that could not be read, "
            f"{len(flow.labels_unmatched)} of no case{f' ({strange})' if strange else ''}."
        )
    age = "unknown"
    if who.age is not None:
        low, middle, high = who.age
        age = f"median {middle:g} years, {low:g} to {high:g}, known of {who.aged}"
    yield Items(
        (
            f"Sex: {_counts(who.sex)}",
            f"Age: {age}",
            f"Deposit: {_counts(who.calcinosis)}",
        )
    )


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(found.items())) or "no case"


def _missing(evaluation: Evaluation) -> Iterator[Part]:
    found = evaluation.missing
    rows = [(label, f"{count}/{found.cases}") for label, count in found.criteria.items()]
    yield table("Criteria that scored cases leave unknown", ("criterion", "cases"), rows)
    yield (
        f"Of {found.cases} scored cases {found.not_understood} hold words that were not "
        f"understood, {found.not_interpreted} values that could not be judged, and "
        f"{found.contradictory} facts that cannot hold together."
    )


def _methods(evaluation: Evaluation) -> Iterator[Part]:
    versions, flow = evaluation.versions, evaluation.flow
    yield (
        f"Cases were classified by calcinosis {versions.package} (reasoner: {versions.reasoner}) "
        f"with the calcinosis ontology {versions.ontology} ({versions.ontology_iri}) under the "
        f"viewpoint {versions.viewpoint}; {versions.settings}. The program is for research, not "
        f"for care. Of {flow.read} cases {flow.scored} had a label with one answer; {flow.pooled} "
        "were pooled, those that a name decides being told apart. A verdict is that a subtype "
        "follows, is presumed, stays open, is ruled out, or is contradictory. Verdicts are worked "
        "out before labels are read, and no label is a fact. What is not stated is unknown: "
        "nothing was imputed. Strict counts what follows, presumed also what is presumed under "
        "named assumptions; leaning takes for met whatever is not known where the causal criterion "
        "of a subtype is met."
    )
    yield _own(evaluation)
    yield (
        "Agreement is exact where the claimed subtypes are those of the label, no more and no "
        "fewer; of several labels of a case the first counts. An open subtype counts as not "
        "claimed, and in a second table is left out. The risk of a wrong answer is told for each "
        "step of assurance, open cases being abstentions (El-Yaniv and Wiener 2010)."
    )
    yield _statistics(evaluation)


def _own(evaluation: Evaluation) -> str:
    if evaluation.own_source.is_kept:
        return "References from which cases come were kept in the definitions."
    return (
        "A reference from which a case comes was left out of the definitions when that case was "
        "judged, so that no paper decides its own case."
    )


def _statistics(evaluation: Evaluation) -> str:
    if not evaluation.is_own:
        return (
            f"Only counts are given: {CHOSEN}. How often the rules are right only other cases can "
            "show."
        )
    return (
        "Shares have 95% intervals: exact (Clopper and Pearson 1934) where the total is below "
        f"{SMALL}, else by the score method (Wilson 1927). Two ways of judging were compared over "
        "the same cases by McNemar's exact test (1947), two-sided, without correction for their "
        "number. Agreement of encoders and of kinds of label is told as the share that is the "
        "same and as Cohen's kappa (1960), unweighted, with the large-sample interval of Fleiss, "
        "Cohen and Everitt (1969), which is rough where cases are few."
    )


def _versions(evaluation: Evaluation) -> Iterator[Part]:
    told = evaluation.versions
    rows = [
        ("calcinosis", told.package),
        ("Python", told.python),
        ("ontology", told.ontology),
        ("ontology IRI", told.ontology_iri),
        ("ontology SHA-256", told.ontology_sha256),
        ("viewpoint", told.viewpoint),
        ("settings", told.settings),
        ("reasoner", told.reasoner),
        *((f"{one.role}: {one.name}", one.sha256 or "no hash: read once") for one in told.files),
    ]
    heads = ("what", "version or SHA-256")
    yield table("What this was made with and from", heads, rows, names_heads=False)


def _stard(evaluation: Evaluation, titles: Mapping[str, str]) -> Iterator[Part]:
    rows = [
        (
            one.number,
            one.asks,
            one.answered,
            "; ".join(titles[anchor] for anchor in one.where if anchor in titles),
            one.how,
        )
        for one in evaluation.stard
    ]
    heads = ("item", "asks", "answer", "sections", "how, or why not")
    caption = "What the list asks, and where it is answered"
    yield table(caption, heads, rows, names_heads=False)
    yield (
        "Answers: here; yours, since only the author of a study knows it; cannot be, with the "
        "reason. After Bossuyt PM and others, STARD 2015. BMJ 2015;351:h5527, in our own words."
    )
