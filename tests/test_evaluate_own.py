"""A study of one's own: labels read or set aside, and figures worked out again from the cases."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis.errors import InputError, UsageError
from calcinosis.output.pages.evaluation import evaluation_page
from calcinosis.output.words.evaluation import markdown, text
from calcinosis.reasoning.verdict import CaseVerdict
from calcinosis.study.agreement import judged_by
from calcinosis.study.evaluate import Beside, evaluate
from calcinosis.study.labels import Label
from calcinosis.study.own_source import OwnSource, Sources
from calcinosis.study.stard import checklist
from calcinosis.study.versions import versions_of
from tests.shared import graph
from tests.terminal import run
from tests.test_evaluate import PUBLISHED, shipped
from tests.test_schemas import validator

DYSTROPHIC, METASTATIC = "DystrophicCalcinosisCutis", "MetastaticCalcinosisCutis"
HIGH = [{"test": "phosphate", "level": "high"}]
NORMAL = [{"test": one, "level": "normal"} for one in ("calcium", "phosphate")]
CASES: list[dict[str, Any]] = [
    {"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"], "labs": NORMAL},
    {"id": "b", "calcinosis": "present", "conditions": ["dermatomyositis"], "sex": "female"},
    {"id": "c", "calcinosis": "present", "labs": HIGH, "age": "40 years"},
    {"id": "d", "calcinosis": "present", "findings": ["eschar"], "excluded": ["eschar"]},
    {"id": "e", "calcinosis": "absent"},
    {"id": "f", "conditions": ["dermatomyositis"]},
]
GIVEN = {"a": "dystrophic", "b": "dystrophic", "c": "dystrophic", "e": "none", "f": "none"}


def written(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def cases_in(folder: Path, cases: list[dict[str, Any]] | None = None) -> str:
    lines = map(json.dumps, CASES if cases is None else cases)
    return written(folder / "cases.jsonl", *lines)


# -- figures, worked out again -------------------------------------------------------------


@cache
def verdicts() -> tuple[CaseVerdict, ...]:
    return graph().classify([*CASES]).cases + graph().classify(PUBLISHED).cases[::4]


def claimed(row: dict[str, Any], mode: str) -> set[str]:
    """What is claimed of a case in a table: what follows, or also what is presumed."""
    counts = {"strict": {"entailed"}, "presumed": {"entailed", "presumed"}}[mode]
    return {subtype for subtype, verdict in row["verdicts"].items() if verdict in counts}


def check(document: dict[str, Any]) -> None:
    """Recompute what is pooled from the table of cases alone."""
    unscored = ("no label given", "label not visible", "no single answer", "outside the viewpoint")
    pool = [row for row in document["table"] if row["group"] not in (*unscored, "name decides it")]
    for mode in ("strict", "presumed"):
        right = [claimed(row, mode) == set(row["authors"]) for row in pool]
        covered = [bool(claimed(row, mode)) for row in pool]
        both = sum(one and other for one, other in zip(right, covered, strict=True))
        assert [row[mode] for row in pool] == right
        for told in (row for row in document["pooled"] if row["mode"] == mode):
            assert (told["exact"]["count"], told["exact"]["total"]) == (sum(right), len(pool))
            assert (told["coverage"]["count"], told["coverage"]["total"]) == (
                sum(covered),
                len(pool),
            )
            assert told["exact_where_covered"]["count"] == both
        cells = Counter(
            (tuple(row["authors"]), tuple(sorted(claimed(row, mode))) or None) for row in pool
        )
        told_cells: Counter[Any] = Counter()
        for found in document["confusion"]:
            for cell in found["cells"] if found["mode"] == mode else ():
                answer = None if isinstance(cell["claimed"], str) else tuple(cell["claimed"])
                told_cells[tuple(cell["authors"]), answer] += cell["cases"]
        assert told_cells == cells
        check_accuracy(document, pool, mode)
    check_curve(document, pool)


def check_accuracy(document: dict[str, Any], pool: list[dict[str, Any]], mode: str) -> None:
    for row in document["accuracy"]:
        if row["mode"] != mode:
            continue
        names = {(True, True): "tp", (True, False): "fn", (False, True): "fp", (False, False): "tn"}
        counts = dict.fromkeys(names.values(), 0)
        for case in pool:
            claims = row["subtype"] in claimed(case, mode)
            decided = claims or case["verdicts"][row["subtype"]] == "refuted"
            if decided or row["reading"] == "every case":
                counts[names[row["subtype"] in case["authors"], claims]] += 1
        assert {key: row[key] for key in counts} == counts
        if document["note"]:
            assert "sensitivity" not in row
            continue
        sensitivity, ppv = row["sensitivity"], row["ppv"]
        labelled = counts["tp"] + counts["fn"]
        assert (sensitivity["count"], sensitivity["total"]) == (counts["tp"], labelled)
        assert (ppv["count"], ppv["total"]) == (counts["tp"], counts["tp"] + counts["fp"])
        if labelled:
            assert sensitivity["low"] <= sensitivity["share"] <= sensitivity["high"]


def check_curve(document: dict[str, Any], pool: list[dict[str, Any]]) -> None:
    points = document["risk_coverage"]
    follows = [row for row in pool if claimed(row, "strict")]
    wrong = [row for row in follows if claimed(row, "strict") != set(row["authors"])]
    for point in points[:1]:
        assert (point["coverage"]["count"], point["wrong"]["count"]) == (len(follows), len(wrong))
    for one, more in pairwise(points):
        assert one["coverage"]["count"] <= more["coverage"]["count"] <= len(pool)
        assert one["wrong"]["count"] <= more["wrong"]["count"]
    if points:
        assert points[3]["coverage"]["count"] == sum(bool(claimed(r, "presumed")) for r in pool)


def drawn() -> st.SearchStrategy[list[tuple[CaseVerdict, list[Label]]]]:
    subtypes = st.frozensets(st.sampled_from([s.id for s in verdicts()[0].subtypes]), max_size=2)
    groups = st.sampled_from(["", "negative control", "competing labels"])

    def label(case: CaseVerdict, kind: str) -> st.SearchStrategy[Label]:
        return st.builds(
            lambda found, group, by_name: Label(
                case.case.id,
                frozenset() if group == "negative control" else found,
                kind,
                group,
                by_name,
                "",
                "",
            ),
            subtypes,
            groups,
            st.booleans(),
        )

    def labels(case: CaseVerdict) -> st.SearchStrategy[list[Label]]:
        return st.one_of(
            st.just([]), st.tuples(label(case, "expert")).map(list),
            st.tuples(label(case, ""), label(case, "expert")).map(list),
        )  # fmt: skip

    return st.lists(
        st.sampled_from(verdicts()), unique_by=lambda case: case.case.id, max_size=9
    ).flatmap(lambda found: st.tuples(*(st.tuples(st.just(c), labels(c)) for c in found)).map(list))


@settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data(), st.booleans())
def test_every_figure_follows_from_the_table_of_cases(data: st.DataObject, is_own: bool) -> None:
    classifier = graph().classifier
    known = frozenset(one.subtype for one in classifier.case_classes)
    cases = [judged_by(case, labels, known) for case, labels in data.draw(drawn())]
    own = OwnSource(is_kept=False, known=(), bearing=(), changes=())
    versions = versions_of(graph().ontology, "compiled")
    found = evaluate(cases, classifier, classifier.classify, versions, Beside(own, is_own=is_own))
    document = json.loads(json.dumps(found.to_dict()))
    validator("evaluation").validate(document)
    check(document)
    assert sum(row["coverage"]["total"] for row in document["groups"]) == 3 * len(cases)
    for page in (text(found), markdown(found), evaluation_page(found)):
        assert all(one.id in page for one in cases)


def test_the_shipped_figures_follow_from_the_table_too() -> None:
    document = json.loads(json.dumps(shipped().to_dict()))
    check(document)
    validator("evaluation").validate(document)
    assert document["note"] == "the rules were chosen on these cases"
    assert '"low"' not in json.dumps(document["risk_coverage"])


# -- a study -------------------------------------------------------------------------------


def test_a_study_of_ones_own_has_intervals_and_the_five_ends_of_a_case() -> None:
    found = graph().evaluate(CASES, GIVEN)
    rows = {row.case: row for row in found.table}
    assert rows["a"].verdicts[DYSTROPHIC] == "entailed"
    assert rows["b"].verdicts[DYSTROPHIC] == "presumed"
    assert (rows["b"].strict, rows["b"].presumed, rows["c"].presumed) == (False, True, False)
    assert rows["d"].strict is None
    assert rows["e"].why == "no deposit"
    assert [one.cases for one in found.controls] == [(), ("e",), ("f",)]
    assert (found.flow.unlabelled, found.flow.pooled) == (1, 5)
    assert found.characteristics.age == (40.0, 40.0, 40.0)
    assert found.baseline.answers["c"] == frozenset()
    assert found.baseline.answers["b"] == {DYSTROPHIC}
    page = " ".join(text(found).split())
    assert "exactly as labelled in 1/2 (50%; 1 to 99, exact)" in page
    assert "There is no control with a deposit present; in 1 it is unknown" in page
    assert "the rules were chosen" not in page.casefold()


def test_contradictory_cases_are_no_answer() -> None:
    found = graph().evaluate(CASES[3], {"d": ["dystrophic", "metastatic"]})
    (row,) = found.confusions[0].cells
    assert row == (frozenset({DYSTROPHIC, METASTATIC}), "contradictory", 1)
    assert found.missing.contradictory == 1
    assert {point.coverage.count for point in found.curve} == {0}


def test_the_published_cases_are_known_by_their_hash(tmp_path: Path) -> None:
    copy = tmp_path / "mine.yaml"
    copy.write_bytes((PUBLISHED / "cases.yaml").read_bytes())
    kg = graph()
    assert not kg.evaluate(copy, PUBLISHED / "labels.tsv").is_own
    assert kg.evaluate(CASES[0], {"a": "dystrophic"}).is_own


def test_a_cases_own_source_decides_nothing_of_it_unless_it_is_kept() -> None:
    case = {"id": "a", "calcinosis": "present", "conditions": ["UCTD"], "source": "balin-2012"}
    kg = graph()
    left_out, kept = (kg.evaluate(case, keep_own_source=keep) for keep in (False, True))
    without = kg.compare(calcinosis.Settings(without=("balin-2012",)), case)
    told = [(one.subtype, one.kept, one.left_out) for one in left_out.own_source.changes]
    assert told == [(one.subtype, one.left, one.right) for one in without.changes]
    assert told
    assert left_out.table[0].own == "balin-2012"
    assert (kept.own_source.changes, kept.own_source.is_kept) == ((), True)
    assert kept.table[0].verdicts != left_out.table[0].verdicts


@pytest.mark.parametrize(
    "said",
    ["{key}", "ref:{key}", "https://doi.org/{doi}", "Smith 2020, doi:{doi}; PMID {pmid}"],
)
def test_a_source_is_known_by_key_or_number(said: str) -> None:
    library = graph().ontology.library.bibliography
    sources = Sources(library)
    whole = [one for one in library.values() if one.doi and one.pmid]
    assert len(whole) > 50
    for one in whole:
        assert sources.find(said.format(key=one.key, doi=one.doi, pmid=one.pmid)) == one.key
    assert sources.find("our own clinic, 2024") is None


def test_two_kinds_of_label_stand_beside_one_another(tmp_path: Path) -> None:
    labels = written(
        tmp_path / "labels.csv",
        "id,label,kind,source",
        *("a,dystrophic,as published,", "a,dystrophic,expert,", "b,dystrophic,as published,"),
        *("b,metastatic,expert,", "c,metastatic,expert,"),
    )
    found = graph().evaluate(CASES, labels)
    kinds = {(r.group, r.mode): (r.exact.count, r.exact.total) for r in found.kinds}
    assert kinds["as published", "strict"] == (1, 2)
    assert kinds["expert", "presumed"] == (2, 3)
    (between,) = found.between
    assert (between.agreement.same.count, between.agreement.same.total) == (1, 2)
    assert [row.kind for row in found.table[:3]] == ["as published", "as published", "expert"]


def test_another_way_of_judging_is_told_case_by_case() -> None:
    kg = graph()
    nothing = calcinosis.Settings(assume=())
    found = kg.evaluate(CASES, GIVEN, against={"no assumption": nothing})
    told = {one.mode: one for one in found.paired}
    assert told["presumed"].lost == ("b",)
    assert (told["presumed"].gained, told["presumed"].p) == ((), 1.0)
    assert told["strict"].lost == told["strict"].gained == ()
    document = found.to_dict()
    assert [one["p"] for one in document["paired"]] == [1.0, 1.0, 1.0]
    assert "p" not in shipped().to_dict()["baseline"]["paired"][0]


def test_a_way_is_named_by_a_sign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = written(tmp_path / "l.csv", "id,label", *(f"{k},{v}" for k, v in GIVEN.items()))
    ways = ("assume=nothing", f"release={PUBLISHED.parent.parent}")
    call = ["evaluate", cases_in(tmp_path), "--labels", labels, "-f", "json"]
    code, out, _ = run([*call, *(part for way in ways for part in ("--against", way))], capsys)
    assert code == 0
    assert str(PUBLISHED.parent) not in out
    paired = json.loads(out)["paired"]
    first, second = dict.fromkeys(one["other"] for one in paired)
    assert first == "assume=nothing"
    assert re.fullmatch(r"release=\S+ \(\S+, SHA-256 [0-9a-f]{12}\)", second)
    assert not [one for one in paired if one["other"] == second and one["lost"] + one["gained"]]


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("assume", "names no other way"),
        ("takes=nothing", "Did you mean take?"),
        ("assume=hope", "cannot be assumed"),
        ("assume=all", "already"),
        ("before=soon", "no year"),
        ("min-read=all", "Known: text"),
        ("viewpoint=nobody", "there is no viewpoint"),
        ("without=nobody", "there is no reference"),
        ("release=nowhere", "there is no such folder"),
    ],
)
def test_a_way_that_is_none_is_refused(
    way: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["evaluate", "--against", way], capsys)
    assert (code, out) == (3 if way.startswith("release") else 2, "")
    assert said in err


def test_two_encoders_agree_as_far_as_their_facts_do() -> None:
    second = json.loads(json.dumps(CASES[:3]))
    second[0]["labs"] = HIGH
    second.append({"id": "z", "calcinosis": "present"})
    found = graph().evaluate(CASES, GIVEN, second=second).encoders
    assert found is not None
    assert (found.cases, found.only_first, found.only_second) == (3, ("d", "e", "f"), ("z",))
    (differing,) = found.differing
    assert differing.case == "a"
    assert (found.same_facts.count, found.same_facts.total) == (2, 3)
    assert found.facts.count < found.facts.total
    assert found.deposit.value is None  # both always say present
    same = graph().evaluate(CASES, second=CASES).encoders
    assert same is not None
    assert same.facts.count == same.facts.total > 0
    assert {one.same.count for one in same.subtypes.values()} == {len(CASES)}
    with pytest.raises(InputError, match="no case of the second encoder"):
        graph().evaluate(CASES, second={"id": "q"})


def test_what_is_refused_of_each_file_is_counted_as_its_own() -> None:
    bad = {"id": "x", "calcinosis": "perhaps"}
    found = graph().evaluate([*CASES[:2], CASES[0]], {**GIVEN, "b": "?"}, second=[*CASES[:2], bad])
    assert (found.flow.refused, found.flow.read, len(found.refused)) == (1, 2, 2)
    assert found.flow.labels_unmatched == ("c", "e", "f")
    found = graph().evaluate(CASES[:2], {"a": "dystrophic", "b": "dystrofic"})
    assert (found.flow.refused, found.flow.labels_refused, found.flow.unlabelled) == (0, 1, 1)


# -- labels: what is read, and what is said of the rest -----------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ["id,label", "a,dystrophic"],
        ["id;Label", "a;dystrophic calcinosis cutis"],
        ["A study of ours", "Patient ID\tAuthors' subtype".replace("\t", ","), "a,Dystrophic"],
        ["label,note,id", f"{DYSTROPHIC},sure,a"],
    ],
)
def test_a_table_of_labels_is_read_as_it_is_kept(lines: list[str], tmp_path: Path) -> None:
    found = graph().evaluate(CASES[0], written(tmp_path / "l.csv", *lines))
    assert found.table[0].authors == (DYSTROPHIC,)


def test_the_table_of_the_cases_may_hold_their_labels(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("ID", "Calcinosis", "Conditions", "Label", "Kind"),
        (1, "present", "dermatomyositis", "dystrophic; metastatic", "expert"),
        (2, "present", "dermatomyositis", "n/a", "expert"),
    ):
        sheet.append(row)
    path = tmp_path / "patients.xlsx"
    book.save(path)
    found = graph().evaluate(path, path)
    assert [row.authors for row in found.table] == [(DYSTROPHIC, METASTATIC), ()]
    assert [row.group for row in found.table] == ["expert label", "label not visible"]
    assert [(one.role, one.name) for one in found.versions.files] == [
        ("cases", "patients.xlsx"),
        ("labels", "patients.xlsx"),
    ]
    assert len({one.sha256 for one in found.versions.files}) == 1


def test_what_cannot_be_read_of_a_label_sets_its_row_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = written(
        tmp_path / "labels.csv",
        "id,label",
        *("a,dystrofic", "b,dystrophic", "b,metastatic", ",dystrophic", "Q,none"),
    )
    call = ["evaluate", cases_in(tmp_path), "--labels", labels]
    code, out, err = run(call, capsys)
    assert code == 3
    assert "labels.csv, row 2, label: 'dystrofic' is no subtype. Did you mean dystrophic" in err
    assert "row 4, id: the id 'b' has a label already" in err
    assert "row 5, id: the case has no id" in err
    assert "labels of no case are set aside (1): Q" in err
    assert "Labels set aside: 3 rows that could not be read, 1 of no case (Q)." in out
    assert str(tmp_path) not in out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("l.csv", b"", "no row names the columns id and label"),
        ("l.csv", b"name,what\na,b\n", "no row names the columns id and label"),
        ("l.csv", b"id,label\n", "there is no label in it"),
        ("l.csv", b"id,label,subtype\na,x,y\n", "two columns say the same"),
        ("l.csv", b"id,label\nz,dystrophic\n", "no id of the labels is the id of a case"),
        ("l.csv", b'id,label\na,"dystrophic\n', "the quotes around cells do not match"),
        ("l.csv", b"id,label\na,\xff\xfe\n", "the text is not UTF-8"),
        ("l.csv", b"id,label\na,\x00\n", "this is binary"),
        ("l.xlsx", b"id,label\na,dystrophic\n", "this is no Excel workbook"),
        ("l.yaml", b"a: dystrophic\n", "its name is not that of a table"),
    ],
)
def test_a_file_that_holds_no_labels_is_one_error(
    name: str, content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    code, out, err = run(["evaluate", cases_in(tmp_path), "--labels", str(path)], capsys)
    assert (code, out) == (3, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_labels_that_are_no_table_are_refused_in_python_too() -> None:
    with pytest.raises(UsageError, match="holds no labels"):
        graph().evaluate(CASES, 5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="there is no label"):
        graph().evaluate(CASES, {})


# -- what is said of it ------------------------------------------------------------------------


def test_every_item_of_the_list_has_an_answer_and_leads_to_a_section() -> None:
    numbers = [one.number for one in checklist(is_own=True)]
    assert len(numbers) == 34
    assert sorted({int(number.rstrip("ab")) for number in numbers}) == list(range(1, 31))
    found = graph().evaluate(CASES, GIVEN, second=CASES)
    page = evaluation_page(found)
    for one in checklist(is_own=True):
        assert one.where or one.how
        assert all(f'id="{anchor}"' in page for anchor in one.where), one.number
        assert one.answered != "here" or one.where
    bare = {one["number"]: one for one in graph().evaluate(CASES).to_dict()["stard"]}
    assert {key for key, one in bare.items() if "No case has a label" in one["how"]} == {
        *("12b", "15", "17", "21b", "23", "24")
    }
    assert bare["24"]["answered"] == "cannot be"
    answers = {one.number: one.answered for one in checklist(is_own=False)}
    assert (answers["24"], answers["23"]) == ("cannot be", "here")


def test_a_table_with_what_is_beside_it_is_no_wider_than_the_page() -> None:
    page = evaluation_page(graph().evaluate(CASES[0], {CASES[0]["id"]: "dystrophic"}))
    (rule,) = re.findall(r"^\.wide \{(.*?)\}", page, re.MULTILINE | re.DOTALL)
    parts = (part.split(":") for part in rule.split(";") if ":" in part)
    told = {name.strip(): value.strip() for name, value in parts}
    assert (told["box-sizing"], told["max-width"]) == ("border-box", "100%")
    assert len(told["margin"].split()) == 1 or told["margin"].split()[1] == "0"


def test_labels_of_ones_own_are_not_called_the_authors() -> None:
    found = graph().evaluate(CASES, GIVEN)
    told = [text(found), markdown(found), evaluation_page(found)]
    assert [one for one in told if "uthors'" in one or "uthors say" in one] == []
    assert all("label down, answer across" in one for one in told)


def test_the_page_stands_alone_and_escapes_what_it_shows() -> None:
    case = {**CASES[0], "id": "<b>&"}
    page = evaluation_page(graph().evaluate(case, {"<b>&": "dystrophic"}))
    assert "<b>&" not in page
    assert "&lt;b&gt;&amp;" in page
    assert page.index('class="answer"') < page.index("<nav") < page.index("<table")
    assert not [one for one in ("<script", "src=", "@import", "url(") if one in page]
    assert "prefers-color-scheme: dark" in page
    assert page.count("<svg") == 2


def test_labels_without_cases_are_said_to_be_of_the_published_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.csv").write_text("id,label\nP02,dystrophic\nmine,none\n", encoding="utf-8")
    _, _, err = run(["evaluate", "--labels", str(tmp_path / "labels.csv")], capsys)
    assert "no cases are named, so the labels are taken for the published cases" in err
