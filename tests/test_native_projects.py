"""A driver that its kit's project file lists: what that says is built, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from native_stage import DRIVERS, needs_cc

from chimneysweep.cli.main import main
from chimneysweep.targets.chimney.native.compiler import BuildOptions, build
from chimneysweep.targets.chimney.native.project_file import read_project
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.launch import made_of

ORDINARY = DRIVERS / "ordinary.c"
PLAIN = BuildOptions(sanitize=False)
FILE = """<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <ItemGroup Label="ProjectConfigurations">
    <ProjectConfiguration Include="Debug|x64" />
    <ProjectConfiguration Include="Release|x64" />
  </ItemGroup>
  <ItemDefinitionGroup Condition="'$(Configuration)|$(Platform)'=='Debug|x64'">
    <ClCompile><PreprocessorDefinitions>DEBUGGED=1</PreprocessorDefinitions></ClCompile>
  </ItemDefinitionGroup>
  <ItemDefinitionGroup Condition="'$(Configuration)|$(Platform)'=='Release|x64'">
    <ClCompile>
      <PreprocessorDefinitions>%(PreprocessorDefinitions);NDIS620_MINIPORT=1; MINE</PreprocessorDefinitions>
      <AdditionalIncludeDirectories>..\\shared;$(DDK_INC)</AdditionalIncludeDirectories>
    </ClCompile>
    <Midl><PreprocessorDefinitions>ANOTHER_TOOLS=1</PreprocessorDefinitions></Midl>
  </ItemDefinitionGroup>
  <ItemGroup>
    <ClCompile Include="SOURCES" />
    <ClCompile Include="..\\unbuildable.c" Condition="exists('$(Nowhere)')" />
  </ItemGroup>
</Project>
"""


def laid_out(folder: Path) -> Path:
    """An ordinary miniport, a file that does not compile beside it, and a project file a folder below."""
    driver = folder / "driver"
    for name in ("shared", "620"):
        (driver / name).mkdir(parents=True)
    (driver / "unbuildable.c").write_text('#include "of_a_later_kit.h"\n', encoding="utf-8")
    (driver / "shared" / "mine.h").write_text("#ifndef MINE\n#error\n#endif\n", encoding="utf-8")
    own = f'#include "mine.h"\n{ORDINARY.read_text(encoding="utf-8")}'
    (driver / "ordinary.c").write_text(own, encoding="utf-8")
    project = driver / "620" / "driver620.vcxproj"
    project.write_text(FILE.replace("SOURCES", "..\\Ordinary.c"), encoding="utf-8")
    return project


@needs_cc
def test_a_project_file_says_what_is_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = laid_out(tmp_path)
    assert read_project(project).flags == ("-DNDIS620_MINIPORT=1", "-DMINE")
    assert main(["conform", str(project), "--no-sanitize"]) == 2  # built; it has no chimney
    assert "it is an ordinary miniport" in capsys.readouterr().err
    before = made_of(str(project))
    with (project.parent.parent / "ordinary.c").open("a", encoding="utf-8") as source:
        source.write("/* changed */\n")
    assert made_of(str(project)) != before


@needs_cc
def test_a_folder_of_which_a_part_is_built_elsewhere_is_told_so(tmp_path: Path) -> None:
    project = laid_out(tmp_path)
    with pytest.raises(BadTarget, match=r"of_a_later_kit[\s\S]*chimneysweep conform .*driver620\.vcxproj"):
        build(project.parent.parent, PLAIN)


@pytest.mark.parametrize(
    ("text", "by", "told"),
    [
        ("<Project", "<Project<", "is no project file"),
        ('encoding="utf-8"', 'encoding="none"', "is no project file"),
        ("SOURCES", r"..\gone.c", r"lists ..\\gone.c, which is not there"),
        ("SOURCES", "driver.cpp", r"lists no \.c files"),
    ],
)
def test_a_project_file_that_says_nothing_is_refused(tmp_path: Path, text: str, by: str, told: str) -> None:
    project = tmp_path / "a.vcxproj"
    project.write_text(FILE.replace(text, by), encoding="utf-8")
    with pytest.raises(BadTarget, match=told):
        build(project, PLAIN)
    assert main(["conform", str(project)]) == 2
