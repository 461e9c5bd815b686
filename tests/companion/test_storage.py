"""Files are whole or absent, damage is seen, and the same content gives the same bytes."""

import errno
import os
import signal
import subprocess
import sys
import time

import h5netcdf
import numpy as np
import pytest
import xarray as xr

from companion import files
from companion.files import StorageError, write_bytes, write_text
from companion.storage import read_dataset, write_dataset
from tests.workflow.conftest import ROOT

REBUILD = r"rebuild it with: snakemake --cores 1 --force "


def described(dataset):
    """Return a dataset after saying something of each variable that does not say it."""
    for name, variable in dataset.variables.items():
        variable.attrs = {"long_name": name, "units": "1", **variable.attrs}
    return dataset


def small(x=(1.0, 2.0, 3.0), **attrs):
    """Return a dataset of one described variable."""
    return described(xr.Dataset({"x": ("start", np.array(x), attrs)}))


def varied():
    """Return a dataset with every kind of variable and attribute that the project stores."""
    rng = np.random.default_rng(3)
    dataset = xr.Dataset(
        {
            "s": (("start", "time"), rng.random((40, 50)), {"units": "1", "long_name": "size"}),
            "tiny": ("start", 1e-300 * rng.random(40)),
            "stable": ("start", rng.random(40) < 0.5),
            "kind": (
                "start",
                rng.integers(0, 3, 40).astype(np.int8),
                {"flag_values": np.array([0, 1, 2], np.int8), "flag_meanings": "a b c"},
            ),
            "family": ("start", np.array(["saddle", "Größe"] * 20)),
            "rate": ("start", np.where(rng.random(40) < 0.5, np.nan, 1.0), {"missing_data": "no"}),
            "nothing": (("start", "mode"), np.zeros((40, 0))),
            "number": ((), 2.5),
        },
        coords={
            "time": ("time", np.linspace(0, 1, 50), {"units": "1"}),
            "mode": ("mode", np.array([], dtype=np.int64)),
            "solver": ("solver", ["LSODA", "Radau"]),
        },
        attrs={"shape": (4, 3), "depth": 3, "rtol": 1e-10, "method": "closed form, ü"},
    )
    return described(dataset)


def leftovers(folder):
    """Return the names of temporary files."""
    return [name for name in os.listdir(folder) if name.startswith(".")]


def python(program, *arguments, **environment):
    """Run a program in the project's folder."""
    command = [sys.executable, "-c", program, *arguments]
    kept = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, check=False)


def test_round_trip(tmp_path):
    dataset = varied()
    write_dataset(dataset, tmp_path / "x.nc")
    result = read_dataset(tmp_path / "x.nc")
    assert result.attrs.pop("Conventions") == "CF-1.11"
    xr.testing.assert_identical(result, dataset)
    assert list(result.variables) == list(dataset.variables)
    for name, variable in dataset.variables.items():
        assert result[name].dtype == variable.dtype
    assert leftovers(tmp_path) == []
    # Nothing of how a file was encoded sticks to the dataset.
    write_dataset(result, tmp_path / "y.nc")
    assert (tmp_path / "y.nc").read_bytes() == (tmp_path / "x.nc").read_bytes()


def test_every_reader_sees_plain_netcdf(tmp_path):
    """Compressed, and without false missing values."""
    write_dataset(varied(), tmp_path / "x.nc")
    with h5netcdf.File(tmp_path / "x.nc") as file:
        np.testing.assert_array_equal(file["s"][:], varied().s)
        assert file["s"].compression == "gzip"
        assert file["s"].shuffle
        assert "_FillValue" not in file["s"].attrs
        assert np.isnan(file["rate"].attrs["_FillValue"])
    # The filters save space.
    write_dataset(small(np.ones(200_000)), tmp_path / "y.nc")
    assert (tmp_path / "y.nc").stat().st_size < 0.1 * 200_000 * 8


WRITER = """
import sys
from companion.storage import write_dataset
from tests.companion.test_storage import varied
write_dataset(varied(), sys.argv[1])
"""


def test_same_bytes_from_another_process_at_another_time(tmp_path):
    write_dataset(varied(), tmp_path / "here.nc")
    time.sleep(1.1)  # HDF5 keeps times in whole seconds
    run = python(WRITER, tmp_path / "there.nc", PYTHONHASHSEED="7", TZ="Pacific/Chatham")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "there.nc").read_bytes() == (tmp_path / "here.nc").read_bytes()


def test_every_flipped_bit_and_every_truncation_is_seen(tmp_path):
    """300 random bits, among them the first and the last of the file."""
    path = tmp_path / "x.nc"
    write_dataset(varied(), path)
    intact = path.read_bytes()
    bits = np.random.default_rng(5).integers(0, 8 * len(intact), 300)
    bits[:2] = 0, 8 * len(intact) - 1
    for bit in bits:
        damaged = bytearray(intact)
        damaged[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(damaged)
        with pytest.raises(StorageError, match=rf"x\.nc is damaged: .*; {REBUILD}"):
            read_dataset(path)
    for size in (0, 1, 80, len(intact) // 2, len(intact) - 1):
        path.write_bytes(intact[:size])
        reason = rf"its {size} bytes do not end in a checksum, .*" if size else "it is empty"
        with pytest.raises(StorageError, match=rf"x\.nc is damaged: {reason}; {REBUILD}"):
            read_dataset(path)


def test_a_missing_and_a_foreign_file_name_the_command(tmp_path):
    path = tmp_path / "no such file.nc"
    with pytest.raises(StorageError, match=rf"could not be read .*; {REBUILD}'.*no such file.nc'$"):
        read_dataset(path)
    small().to_netcdf(path, engine="h5netcdf")
    with pytest.raises(StorageError, match="do not end in a checksum"):
        read_dataset(path)


@pytest.mark.parametrize(
    ("lacking", "message", "variables"),
    [
        ("long_name", "must say in 'long_name' what each variable is, got none", "s time solver"),
        ("units", "must say in 'units' what numbers count, or '1', got none", "s time"),
        ("flag_meanings", r"must give each flag its meaning, got .* \[\]", "kind"),
    ],
)
def test_nothing_is_written_that_a_reader_would_have_to_guess(
    tmp_path, lacking, message, variables
):
    for variable in variables.split():
        dataset = varied()
        del dataset.variables[variable].attrs[lacking]
        expected = rf"^dataset for .*x\.nc {message} for '{variable}'.*; repair it before"
        with pytest.raises(ValueError, match=expected):
            write_dataset(dataset, tmp_path / "x.nc")
    assert not (tmp_path / "x.nc").exists()


def test_a_flag_without_a_meaning_is_not_written(tmp_path):
    dataset = varied()
    dataset["kind"][0] = 3
    with pytest.raises(ValueError, match=r"must give each flag its meaning, .*\[0, 1, 2, 3\]"):
        write_dataset(dataset, tmp_path / "x.nc")


def test_numbers_must_be_finite_unless_declared(tmp_path):
    path = tmp_path / "x.nc"
    message = r"must hold finite numbers, got x\[1\] = nan \(an attribute 'missing_data'"
    with pytest.raises(ValueError, match=message):
        write_dataset(small(x=(1.0, np.nan, 3.0)), path)
    assert not path.exists()
    declared = small(x=(1.0, np.nan, np.inf), missing_data="the law does not apply")
    write_dataset(declared, path)
    assert read_dataset(path).x.equals(declared.x)


@pytest.mark.parametrize("step", ["fsync", "replace", "open"])
@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EROFS, "write to a folder that is not read-only"),
        (errno.EACCES, "get write access to its folder"),
        (errno.EIO, "repair that"),
    ],
)
def test_failed_write_leaves_the_previous_file(tmp_path, monkeypatch, step, code, remedy):
    path = tmp_path / "x.txt"
    write_text(path, "before\n")

    def fail(*arguments, **options):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, step, fail)
        message = rf"x\.txt could not be written \({os.strerror(code)}\); {remedy} and run"
        with pytest.raises(StorageError, match=message):
            write_text(path, "after\n")
    assert path.read_text() == "before\n"
    assert leftovers(tmp_path) == []


FILL = """
import resource, sys
from companion.files import StorageError, write_text
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
try:
    write_text(sys.argv[1], "after " * 10000)
except StorageError as error:
    sys.exit(str(error))
"""


def test_a_file_that_outgrows_a_real_limit(tmp_path):
    path = tmp_path / "x.txt"
    write_text(path, "before")
    run = python(FILL, path)
    assert (run.returncode, run.stderr.strip()) == (
        1,
        f"{path} could not be written (File too large); raise the limit on the size of files and"
        " run the same command again, nothing was changed",
    )
    assert path.read_text() == "before"
    assert leftovers(tmp_path) == []


def test_content_reaches_the_disk_before_its_name(tmp_path, monkeypatch):
    calls = []

    def recorded(step):
        original = getattr(os, step)
        return lambda *arguments: (calls.append(step), original(*arguments))

    for step in ("fsync", "replace"):
        monkeypatch.setattr(files.os, step, recorded(step))
    write_text(tmp_path / "x.txt", "content")
    assert calls == ["fsync", "replace", "fsync"]


def test_missing_folder_and_folder_in_the_way(tmp_path):
    with pytest.raises(StorageError, match=r"No such file or directory\); create its folder first"):
        write_text(tmp_path / "no" / "x.txt", "")
    (tmp_path / "x").mkdir()
    with pytest.raises(StorageError, match=r"Is a directory\); remove or rename the folder"):
        write_text(tmp_path / "x", "")
    assert leftovers(tmp_path) == []


HANG = """
import os, sys, time
from companion import files
def stop(file):
    print("writing", flush=True)
    time.sleep(60)
files.os.fsync = stop
files.write_text(sys.argv[1], "after")
"""


def test_killed_writer_leaves_nothing_behind(tmp_path):
    """A live writer's temporary file is left alone, a killed one's goes with the next write."""
    path = tmp_path / "x.txt"
    write_text(path, "before")
    with subprocess.Popen([sys.executable, "-c", HANG, path], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"writing\n"
        write_text(tmp_path / "y.txt", "other")
        assert len(leftovers(tmp_path)) == 1
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert path.read_text() == "before"
    write_text(tmp_path / "y.txt", "other")
    assert leftovers(tmp_path) == []


def test_a_program_that_only_writes_text_does_not_wait_for_the_scientific_stack():
    run = python("import sys, companion.files; print(*sys.modules)")
    loaded = set(run.stdout.split())
    assert "companion.files" in loaded
    assert loaded.isdisjoint({"numpy", "xarray", "pandas", "h5py"})


def test_text_and_bytes_are_written_as_they_are(tmp_path):
    """Line ends and letters survive any locale, and the permissions are the user's own."""
    write_text(tmp_path / "naïve name.csv", "σ,1\r\nβ,2\n")
    assert (tmp_path / "naïve name.csv").read_bytes() == "σ,1\r\nβ,2\n".encode()
    previous = os.umask(0o027)
    try:
        write_bytes(tmp_path / "x.png", b"\x89PNG")
    finally:
        os.umask(previous)
    assert (tmp_path / "x.png").read_bytes() == b"\x89PNG"
    assert (tmp_path / "x.png").stat().st_mode & 0o777 == 0o640


def test_concurrent_writers_never_mix(tmp_path):
    program = "import sys; from companion.files import write_text\n" + (
        "for _ in range(50): write_text(sys.argv[1], sys.argv[2] * 10000)"
    )
    path = tmp_path / "x.txt"
    writers = [subprocess.Popen([sys.executable, "-c", program, path, str(i)]) for i in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    assert path.read_text() in {str(i) * 10000 for i in range(4)}
    assert leftovers(tmp_path) == []
