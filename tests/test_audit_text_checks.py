"""Looks through a specification's pages, each on a sound toy and on one with a planted defect."""

from __future__ import annotations

import dataclasses

import pytest
from audit_toys import ask as asked

from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.chimney.text_checks import found
from chimneysweep.audit.finding import PLACES, Computed
from chimneysweep.audit.questions import completeness
from chimneysweep.audit.vocabulary import LookedFor, Vocabulary


def function(name: str, *parameters: str, says: str = "") -> str:
    """The page of a function, with its parameters as headings and a remark."""
    headings = "\n\n".join(f"### -param {each}\n\nIt is given." for each in parameters)
    return (
        f"# {name} function\n\n## -description\n\nA target calls {name} when it has to.\n\n"
        f"## -parameters\n\n{headings}\n\n## -remarks\n\n{says}\n"
    )


EVENT = "NdisToyEvent with the EventType parameter set to Gone and the Reason parameter set to Late"
PAGES = {
    "ddi/nf-query.md": function(
        "MiniportQueryToy", "Toy [in, out]", says="It completes the query operation by calling NdisQueryToy."
    ),
    "ddi/nf-update.md": function(
        "MiniportUpdateToy",
        "Toy [in, out]",
        says="It completes the update operation by calling NdisUpdateToy.",
    ),
    "ddi/nf-event.md": function("NdisToyEvent", "ToyHandle [in]", "EventType [in]", "Reason [in]"),
    "ddi/ns-toy.md": (
        "# _TOY_STATE structure\n\n## -description\n\nThe TOY_STATE structure holds a toy.\n\n"
        "### -field Count\n\nThe number of parts, or 0 if nobody has counted.\n\n"
        "### -field Next\n\nA pointer to the next toy, or NULL.\n"
    ),
    "pages/ending.md": (
        "# Ending a Toy at Night\n\nFor more, see Keeping a Toy at Night.\n\n"
        f"It calls {EVENT}.\n\n"
        "A target must put every broken toy into the large box under the old stairs.\n\n"
        "To call the NdisToyEvent function, the driver passes the following:\n\n"
        "- The ToyHandle that it got.\n\n- The EventType and the Reason.\n\nThen it waits.\n"
    ),
    "pages/keeping.md": (
        "# Keeping a Toy at Night\n\n"
        "A target must put every broken toy into the large box under the old stairs.\n\n"
        "The allowable values: see TOY_STATE.\n"
    ),
    "pages/starting.md": "# Starting a Toy by Day\n\nIt is started.\n",
    "pages/contents.md": (
        "# Contents\n\nThis section includes:\n\nEnding a Toy at Night\n\nKeeping a Toy at Night\n\n"
        "Starting a Toy by Day [-> starting.md]\n\nReusing a TOY_HERE Structure\n"
    ),
    "pages/reusing.md": (
        "# Reusing a TOY_HERE Structure\n\nIt is overlaid onto a TOY_THERE structure.\n\n"
        "Here and There are stored.\n"
    ),
    "ddi/ns-here.md": (
        "# _TOY_HERE structure\n\n### -field Here\n\n"
        "The entry point of the driver's MiniportQueryToy function.\n\n"
        "### -field Kept\n\nIt is kept.\n\n## -see-also\n\nMiniportQueryToy\n"
    ),
    "ddi/ns-there.md": "# _TOY_THERE structure\n\n### -field There\n\nToo.\n\n### -field Kept\n\nToo.\n",
}
MOMENTS = {"pages/ending.md": "ending", "pages/keeping.md": "ending", "pages/starting.md": "start"}


def changed(page: str, old: str, new: str) -> dict[str, list[tuple[str, str, str]]]:
    """What is found after *new* took the place of *old* on a page, by the end of the check's id."""
    assert old in PAGES[page]
    pages = PAGES | {page: PAGES[page].replace(old, new, 1)}
    return {name.partition(".")[2]: rows for name, (_, rows) in found(pages, MOMENTS).items() if rows}


def test_a_sound_toy_has_nothing_to_find() -> None:
    assert {name: rows for name, (_, rows) in found(PAGES, MOMENTS).items() if rows} == {}


@pytest.mark.parametrize(
    ("page", "old", "new", "check", "row"),
    [
        ("ddi/nf-query.md", "[in, out]", "[in]", "parameter-directions", ("Toy of MiniportQueryToy", "[in]")),
        ("pages/ending.md", " and the Reason.", ".", "passed-parameters", ("NdisToyEvent", "without Reason")),
        (
            "pages/ending.md",
            "The ToyHandle",
            "The NdisHandle",
            "passed-parameters",
            ("ToyEvent", "ToyHandle"),
        ),
        ("ddi/nf-update.md", "the update operation", "the query operation", "copied", ("query", "update")),
        (
            "ddi/nf-update.md",
            "the update operation",
            "the offload operation",
            "copied",
            ("initiate", "update"),
        ),
        ("ddi/nf-event.md", "It is given.", "This is to be determined.", "unfinished", ("to be", "put off")),
        ("ddi/ns-toy.md", " structure holds a toy.", " structure.", "unfinished", ("a name", "nothing")),
        ("pages/keeping.md", "A target must", "A target should", "strengths", ("the same", "should")),
        (
            "pages/keeping.md",
            "values: see TOY_STATE",
            "values, see TOY_BOX",
            "sent-away",
            ("TOY_BOX", "no page"),
        ),
        ("ddi/ns-toy.md", "or 0 if", "or NULL if", "null-numbers", ("a number", "NULL")),
        (
            "pages/ending.md",
            "the EventType parameter set to Gone and ",
            "",
            "arguments",
            ("Reason", "EventType"),
        ),
        (
            "pages/ending.md",
            "Keeping a Toy at Night",
            "Starting a Toy by Day",
            "other-moment",
            ("starting", "start"),
        ),
        ("pages/reusing.md", "Here and There are", "There is", "overlaid-members", ("becomes", "of Here")),
        ("pages/contents.md", "Starting a Toy by Day [-> starting.md]", "", "orphans", ("no page", "search")),
        ("ddi/ns-here.md", "also\n\nMiniportQueryToy", "also\n\nToys", "see-also", ("Query", "not in")),
        ("ddi/ns-there.md", "Too.", "As TOY_ 1 is.", "garbled", ("Y_ 1", "a word")),
        (
            "pages/ending.md",
            "old stairs.",
            "old stairs." + 2 * f" Nobody must {'ever and ' * 8}again.",
            "repeated",
            ("a sentence", "twice"),
        ),
    ],
)
def test_a_planted_defect_is_the_one_that_is_found(
    page: str, old: str, new: str, check: str, row: tuple[str, str]
) -> None:
    there = changed(page, old, new)
    assert list(there) == [check]
    assert any(row[0] in what and row[1] in but for _, what, but in there[check]), there


def test_what_is_found_in_the_text_is_a_finding() -> None:
    rows = (("pages/toy.md", "a number", "NULL"),)
    checks = (
        LookedFor("completeness.null-numbers", "Numbers.", rows),
        LookedFor("completeness.copied", "Copies.", ()),
    )
    audited = dataclasses.replace(AUDITED, examples=(), vocabulary=Vocabulary(checks=checks))
    answer = asked(completeness, audited)
    (finding,) = answer.findings
    assert (finding.id, finding.situation) == (
        "completeness.null-numbers",
        Computed("Numbers.", rows, PLACES),
    )
    assert [s.what for s in answer.sound] == ["Copies."]
