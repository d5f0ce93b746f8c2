"""The ways in which people write a key down."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Plant:
    """One fake key. `name` is the variable that documentation gives it."""

    id: str
    provider: str
    name: str
    value: str
    host: str
    by: str

    @property
    def camel(self) -> str:
        first, *rest = self.name.lower().split("_")
        return first + "".join(part.capitalize() for part in rest)

    @property
    def word(self) -> str:
        return self.name.rsplit("_API_KEY", 1)[0].rsplit("_TOKEN", 1)[0].rsplit("_KEY", 1)[0].lower()


def _hex(source: random.Random, size: int) -> str:
    return "".join(source.choices("0123456789abcdef", k=size))


def _uuid(source: random.Random) -> str:
    return "-".join(_hex(source, size) for size in (8, 4, 4, 4, 12))


def dotenv(plant: Plant, source: random.Random) -> tuple[str, str]:
    return (
        ".env.production",
        f"# service\nLOG_LEVEL=info\nREQUEST_ID={_uuid(source)}\n{plant.name}={plant.value}\nPORT=8080\n",
    )


def dotenv_quoted(plant: Plant, source: random.Random) -> tuple[str, str]:
    return ".env", f'export {plant.name}="{plant.value}"\nGIT_SHA={_hex(source, 40)}\n'


def yaml_flat(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "config/app.yaml", f"debug: false\n{plant.name.lower()}: {plant.value}\nbuild: {_hex(source, 32)}\n"


def yaml_compose(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "docker-compose.yml", (
        f"services:\n  api:\n    image: acme/api@sha256:{_hex(source, 64)}\n    environment:\n"
        f"      - {plant.name}={plant.value}\n      - MODE=prod\n"
    )


def k8s_env(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "k8s/deploy.yaml", (
        f"apiVersion: apps/v1\nkind: Deployment\nspec:\n  containers:\n  - name: api\n    image: a@sha256:{_hex(source, 64)}\n"
        f"    env:\n    - name: {plant.name}\n      value: {json.dumps(plant.value)}\n    - name: MODE\n      value: prod\n"
    )


def json_flat(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "config.json", json.dumps(
        {"id": _uuid(source), plant.camel: plant.value, "hash": _hex(source, 40)}, indent=2
    )


def json_compact(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "settings.json", json.dumps({"etag": _hex(source, 32), "env": {plant.name: plant.value}, "v": 3})


def toml_section(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "secrets.toml", f'[general]\nrev = "{_hex(source, 40)}"\n\n[keys]\n{plant.name} = "{plant.value}"\n'


def ini(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "app.ini", f"[default]\ntrace = {_hex(source, 32)}\n{plant.name.lower()} = {plant.value}\n"


def hcl_variable(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "main.tf", (
        f'variable "{plant.name.lower()}" {{\n  type    = string\n  default = "{plant.value}"\n}}\n'
        f'variable "commit" {{\n  default = "{_hex(source, 40)}"\n}}\n'
    )


def hcl_map(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "lambda.tf", (
        f'resource "aws_lambda_function" "f" {{\n  source_code_hash = "{_hex(source, 64)}"\n  environment {{\n'
        f'    variables = {{\n      {plant.name} = "{plant.value}"\n    }}\n  }}\n}}\n'
    )


def python_constant(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "src/settings.py", f'import os\n\n{plant.name} = "{plant.value}"\nCHECKSUM = "{_hex(source, 64)}"\n'


def python_typed(plant: Plant, source: random.Random) -> tuple[str, str]:
    return (
        "src/conf.py",
        f"class Settings:\n    {plant.name.lower()}: str = '{plant.value}'\n    digest: str = '{_hex(source, 32)}'\n",
    )


def python_environ(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "train.py", f'import os\nos.environ["{plant.name}"] = "{plant.value}"\nrun_id = "{_hex(source, 32)}"\n'


def python_default(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "app.py", f'import os\nkey = os.getenv("{plant.name}", "{plant.value}")\nsha = "{_hex(source, 40)}"\n'


def python_argument(plant: Plant, source: random.Random) -> tuple[str, str]:
    return (
        "client.py",
        f'client = Client(\n    {plant.name.lower()}="{plant.value}",\n    request_id="{_uuid(source)}",\n)\n',
    )


def typescript(plant: Plant, source: random.Random) -> tuple[str, str]:
    return (
        "src/env.ts",
        f"export const {plant.camel}: string = '{plant.value}';\nexport const rev = '{_hex(source, 40)}';\n",
    )


def javascript_default(plant: Plant, source: random.Random) -> tuple[str, str]:
    return (
        "server.js",
        f'const key = process.env.{plant.name} || "{plant.value}";\nconst etag = "{_hex(source, 32)}";\n',
    )


def javascript_object(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "config.js", f'module.exports = {{\n  hash: "{_hex(source, 40)}",\n  {plant.camel}: "{plant.value}",\n}};\n'


def java(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "src/Keys.java", (
        f'class Keys {{\n  private static final String {plant.name} = "{plant.value}";\n'
        f'  static final String MD5 = "{_hex(source, 32)}";\n}}\n'
    )


def properties(plant: Plant, source: random.Random) -> tuple[str, str]:
    dotted = plant.name.lower().replace("_", ".")
    return "application.properties", f"build.sha={_hex(source, 40)}\n{dotted}={plant.value}\n"


def golang(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "main.go", f'package main\n\nconst {plant.camel} = "{plant.value}"\n\nvar sum = "{_hex(source, 64)}"\n'


def csharp(plant: Plant, source: random.Random) -> tuple[str, str]:
    return (
        "Startup.cs",
        f'public const string {plant.camel} = "{plant.value}";\npublic const string Sha = "{_hex(source, 40)}";\n',
    )


def rust(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "src/main.rs", f'const {plant.name}: &str = "{plant.value}";\nconst REV: &str = "{_hex(source, 40)}";\n'


def ruby(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "config.rb", f"ENV['{plant.name}'] = '{plant.value}'\nSHA = '{_hex(source, 40)}'\n"


def php(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "config.php", f"<?php\ndefine('{plant.name}', '{plant.value}');\n$md5 = '{_hex(source, 32)}';\n"


def shell(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "deploy.sh", f"#!/bin/bash\nset -e\nexport {plant.name}='{plant.value}'\ngit checkout {_hex(source, 40)}\n"


def shell_inline(plant: Plant, source: random.Random) -> tuple[str, str]:
    return ".bash_history", f"cd app\n{plant.name}={plant.value} python run.py --id {_uuid(source)}\nls\n"


def dockerfile(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "Dockerfile", f'FROM python@sha256:{_hex(source, 64)}\nENV {plant.name} {plant.value}\nCMD ["python"]\n'


def dockerfile_arg(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "Dockerfile.dev", f"FROM python:3.12\nARG {plant.name}={plant.value}\nLABEL rev={_hex(source, 40)}\n"


def workflow(plant: Plant, source: random.Random) -> tuple[str, str]:
    return ".github/workflows/ci.yml", (
        f"jobs:\n  test:\n    steps:\n    - uses: actions/checkout@{_hex(source, 40)}\n    - run: pytest\n      env:\n"
        f"        {plant.name}: {plant.value}\n"
    )


def notebook(plant: Plant, source: random.Random) -> tuple[str, str]:
    cell = {
        "cell_type": "code",
        "id": _hex(source, 8),
        "source": ["import os\n", f'os.environ["{plant.name}"] = "{plant.value}"\n'],
    }
    return "demo.ipynb", json.dumps({"cells": [cell], "nbformat": 4}, indent=1)


def log_line(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "app.log", (
        f"2026-03-04 10:11:12 INFO request {_uuid(source)} done\n"
        f"2026-03-04 10:11:13 DEBUG loaded {plant.name}={plant.value} from environment\n"
    )


def xml(plant: Plant, source: random.Random) -> tuple[str, str]:
    return (
        "app.config",
        f'<appSettings>\n  <add key="{plant.name}" value="{plant.value}" />\n  <add key="Sha" value="{_hex(source, 40)}" />\n</appSettings>\n',
    )


def markdown(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "NOTES.md", f"Build {_hex(source, 40)}.\n\n```\nexport {plant.name}={plant.value}\n```\n"


def argument(plant: Plant, source: random.Random) -> tuple[str, str]:
    flag = plant.name.lower().replace("_", "-")
    return "run.sh", f"./serve --{flag} {plant.value} --run-id {_uuid(source)}\n"


def csv(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "keys.csv", f"name,value,note\n{plant.name},{plant.value},rotate me\nbuild,{_hex(source, 40)},\n"


def http_header(plant: Plant, source: random.Random) -> tuple[str, str]:
    if not plant.host:
        return dotenv(plant, source)
    return (
        "requests.http",
        f"GET https://{plant.host}/v1/models HTTP/1.1\nX-Request-Id: {_uuid(source)}\nAuthorization: Bearer {plant.value}\n",
    )


def curl(plant: Plant, source: random.Random) -> tuple[str, str]:
    if not plant.host:
        return shell(plant, source)
    return (
        "try.sh",
        f'curl -s https://{plant.host}/v1/things \\\n  -H "Authorization: Bearer {plant.value}" \\\n  -H "X-Trace: {_hex(source, 32)}"\n',
    )


def yaml_nested(plant: Plant, source: random.Random) -> tuple[str, str]:
    return (
        "conf/llm.yaml",
        f"providers:\n  {plant.word}:\n    api_key: {plant.value}\n    timeout: 30\n  other:\n    revision: {_hex(source, 40)}\n",
    )


def json_nested(plant: Plant, source: random.Random) -> tuple[str, str]:
    return "providers.json", json.dumps(
        {"providers": {plant.word: {"apiKey": plant.value, "enabled": True}}, "rev": _hex(source, 40)}, indent=2
    )


def python_client(plant: Plant, source: random.Random) -> tuple[str, str]:
    return (
        "agent.py",
        f'import {plant.word}\n\nclient = {plant.word}.Client(api_key="{plant.value}")\nmodel_sha = "{_hex(source, 40)}"\n',
    )


def typescript_client(plant: Plant, source: random.Random) -> tuple[str, str]:
    name = plant.word.capitalize()
    return (
        "agent.ts",
        f'const client = new {name}Client({{\n  apiKey: "{plant.value}",\n}});\nconst rev = "{_hex(source, 40)}";\n',
    )


SYNTAXES: list[Callable[[Plant, random.Random], tuple[str, str]]] = [
    dotenv, dotenv_quoted, yaml_flat, yaml_compose, k8s_env, json_flat, json_compact, toml_section, ini, hcl_variable,
    hcl_map, python_constant, python_typed, python_environ, python_default, python_argument, typescript,
    javascript_default, javascript_object, java, properties, golang, csharp, rust, ruby, php, shell, shell_inline,
    dockerfile, dockerfile_arg, workflow, notebook, log_line, xml, markdown, argument, csv, http_header, curl,
    yaml_nested, json_nested, python_client, typescript_client,
]  # fmt: skip
