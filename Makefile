# The words of everyday work. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
GONGKAI := $(BIN)/gongkai
# Tests run side by side; `make test JOBS=1` when the machine is busy.
# One more than there are processors: who waits for a server or a killed process leaves room.
JOBS    ?= $(shell expr $$(nproc) + 1)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# Thousands of processes are started by the tests: without the compiled form beside the source each of them compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run ha test lint lint-types lint-form lint-imports lint-definitions format bench torture docs generate lock wheel clean

help: ## list these words / 列出全部命令
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)$$/\1\t\2/' \
	  | while IFS=$$'\t' read -r word text; do printf '  make %-10s %s\n' "$$word" "$$text"; done

setup: $(READY) ## build .venv with .venv/bin/gongkai / 建立运行环境

# The stamp is newer than both files when the environment holds what they say: the second `make setup` does nothing.
$(READY): requirements.lock pyproject.toml
	@python=; bare=; for candidate in python3.11 python3.12 python3.13 python3.14 python3 /usr/bin/python3; do \
	  if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python="$$candidate"; break; fi; \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then bare="$$candidate"; fi; done; \
	if [ -z "$$python$$bare" ]; then \
	  echo '缺少 Python 3.11 或更高版本，请安装后重试：sudo apt-get install python3 python3-venv' >&2; \
	  echo 'Python 3.11 or newer is missing; install it and try again: sudo apt-get install python3 python3-venv' >&2; exit 1; fi; \
	if [ -z "$$python" ]; then \
	  echo "$$bare 缺少 venv 或 ensurepip 模块，请安装后重试：sudo apt-get install python3-venv" >&2; \
	  echo "$$bare lacks the modules venv and ensurepip; install them and try again: sudo apt-get install python3-venv" >&2; exit 1; fi; \
	if ! { [ -x $(BIN)/python ] && $(BIN)/python -m pip --version >/dev/null 2>&1; }; then \
	  echo "新建 $(VENV)（$$python） / building $(VENV) with $$python" >&2; "$$python" -m venv --clear $(VENV); fi
	@if ! $(BIN)/python -m pip install -qq --require-hashes -r requirements.lock; then \
	  echo '软件包未能装齐：请检查网络或 pip 的软件源设置后重新运行 make setup' >&2; \
	  echo 'the packages could not be installed: check the network or the index of pip, then run make setup again' >&2; exit 1; fi
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-index -e .
	@touch $(READY)
	@echo '完成 / ready: $(GONGKAI)' >&2

run: setup ## the main job: a bureau lives through a month / 演示：一个机关的一个月
	@mkdir -p build
	@$(GONGKAI) demo --db $(CURDIR)/build/demo.db

test: lint ## all that CI runs: lint, then every test / 全部检查与测试
	@command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || { \
	  echo '缺少 PostgreSQL，服务器上的测试将跳过；安装后重试：sudo apt-get install postgresql' >&2; \
	  echo 'PostgreSQL is missing, so what is tried on a server is skipped; install it: sudo apt-get install postgresql' >&2; }
	@$(BIN)/python -m pytest -q -n $(JOBS)

lint: setup ## format, lint, types, imports, definitions, generated files / 静态检查
	@$(MAKE) -j2 --output-sync=target lint-types lint-form lint-imports lint-definitions

lint-form:
	@$(BIN)/ruff format --check --output-format concise . || { echo 'run: make format' >&2; exit 1; }
	@$(BIN)/ruff check --quiet .

lint-types:
	@$(BIN)/mypy --no-error-summary .

lint-imports:
	@report=$$($(BIN)/lint-imports --no-logo --cache-dir .import_linter_cache 2>&1) || { echo "$$report" >&2; exit 1; }

lint-definitions:
	@$(BIN)/python -m workflow.editor | cmp -s - definitions/schema.json || { echo 'definitions/schema.json is not current; run: make generate' >&2; exit 1; }
	@$(BIN)/python -m workflow.editor catalogue | cmp -s - definitions/catalogues/schema.json || { echo 'definitions/catalogues/schema.json is not current; run: make generate' >&2; exit 1; }
	@$(BIN)/python -c 'import pathlib, sys; from storage import questions; sys.exit(pathlib.Path("storage/statements.py").read_text("utf-8") != questions.compiled())' \
	  || { echo 'storage/statements.py is not current; run: make generate' >&2; exit 1; }
	@$(GONGKAI) definitions check
	@$(GONGKAI) letter check

format: setup ## put the code into its form / 整理代码格式
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

generate: setup ## write anew what is generated: SQL text, JSON Schema / 重新生成派生文件
	@$(BIN)/python -m storage.questions
	@$(BIN)/python -m workflow.editor > definitions/schema.json.new
	@mv definitions/schema.json.new definitions/schema.json
	@$(BIN)/python -m workflow.loader.scenario_shape > definitions/scenarios/schema.json
	@$(BIN)/python -m workflow.loader.letter_shape > definitions/letters/schema.json
	@$(BIN)/python -m workflow.editor catalogue > definitions/catalogues/schema.json.new
	@mv definitions/catalogues/schema.json.new definitions/catalogues/schema.json

docs: setup ## draw the board and the procedures, walk the guide / 重画看板和流程图，重走办事指南
	@$(BIN)/python docs/pictures/draw.py
	@$(BIN)/python docs/pictures/procedures.py
	@$(BIN)/python docs/guide/walk.py

bench: setup ## the promised numbers, beside a baseline / 性能测量
	@$(BIN)/python -m benchmarks

prove: setup ## every rule of the shipped definitions dropped in turn / 逐一删去定义的每条规则
	@$(BIN)/python -m tests.proof.trial --since '$(SINCE)'

torture: setup ## the long trials of many hands / 长时间并发考验
	@GONGKAI_TORTURE=long $(BIN)/python -m pytest -q -m 'torture or two_forms'

# As root PostgreSQL runs as another user, who may not read a Python of root's own.
ha: ## Patroni, for the trial of three nodes / 安装三节点试验所需的 Patroni
	@$$([ $$(id -u) = 0 ] && echo /usr/bin/python3 || echo python3) -m venv --clear build/ha
	@build/ha/bin/pip install -qq --require-hashes -r ops/ha/requirements.txt

lock: setup ## choose the newest versions again / 重新锁定依赖版本
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-emit-index-url --no-emit-find-links --no-header --quiet -o requirements.lock

wheel: setup ## build a package for installation elsewhere / 打包
	@$(BIN)/hatchling build -t wheel

clean: ## remove all that can be made again / 清除可再生成的文件
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
