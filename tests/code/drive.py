"""Runs the verifiers for Python. What a verifier takes is read from its own signature."""
import base64
import importlib.util
import inspect
import json
import pathlib
import sys

work = pathlib.Path(sys.argv[1])


class Headers:
    """Headers as Starlette has them: items gives each line."""

    def __init__(self, lines):
        self.lines = [(name, value) for name, values in lines.items() for value in values]

    def items(self):
        return self.lines


for entry in json.loads((work / "cases.json").read_text()):
    spec = importlib.util.spec_from_file_location("verifier", entry["files"]["python"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names = list(inspect.signature(module.verify).parameters)
    for case in entry["cases"]:
        given = {name: case[name] for name in ("url", "method", "now")}
        given |= {"body": base64.b64decode(case["body"]), "headers": Headers(case["headers"])}
        given |= {"param" + "".join(c for c in name.lower() if c.isalnum()): value for name, value in case["params"].items()}
        answer = False
        try:
            for key in case["keys"]:
                given["key"] = key
                answer = answer or module.verify(*(given.get(name, given.get(name.replace("_", ""), "")) for name in names))
            answer = str(answer).lower()
        except Exception as e:
            answer = " ".join(f"threw {type(e).__name__} {e}".split())
        print(entry["scheme"], case["id"], answer, sep="\t")
