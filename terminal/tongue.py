"""The command line in two languages: click's commands, options, help pages and usage errors, each said whole in zh and en.

Every command takes the global options before and after its word. Nothing heavy is imported here: `--help` passes through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import click
from click.shell_completion import CompletionItem

from terminal.folding import cells, folded
from workflow.text import Lang, Text

_SPOKEN: ContextVar[Lang] = ContextVar("spoken", default="zh")
WIDEST_HELP = 100  # columns; longer lines tire the eye


def speak(lang: Lang) -> None:
    """From now on this call speaks that language."""
    _SPOKEN.set(lang)


def spoken() -> Lang:
    """The language that this call speaks."""
    return _SPOKEN.get()


@dataclass(frozen=True, slots=True)
class Example:
    """A line to type, and what it does."""

    typed: str
    says: Text


class Misused(click.UsageError):
    """A line that cannot be understood, with the sentence that says why."""

    def __init__(self, said: Text, ctx: click.Context | None = None) -> None:
        self.said = said
        super().__init__(said.en, ctx)


class Option(click.Option):
    """An option that explains itself in both languages."""

    def __init__(self, declared: Sequence[str], *, says: Text, needed: bool = False, **attributes: Any) -> None:
        self.says = says
        #: It must be said, and its command says so itself once it knows what the other words mean.
        self.needed = needed or bool(attributes.get("required"))
        super().__init__(declared, **attributes)

    def heading(self, lang: Lang = "en") -> str:
        """How it is typed: its names and what it takes."""
        names = ", ".join(sorted((*self.opts, *self.secondary_opts), key=lambda name: name.startswith("--")))
        return names if self.is_flag else f"{names} {_taken(self).read(lang)}"

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        if value == "" and self.metavar in ("FILE", "FILE.html", "PLACE"):  # typed from a variable that is not set
            raise Misused(_NEEDS_VALUE.filled(name=max(self.opts, key=len)), ctx)
        return super().type_cast_value(ctx, value)


class Argument(click.Argument):
    """An argument that explains itself in both languages."""

    def __init__(self, declared: Sequence[str], *, says: Text, **attributes: Any) -> None:
        self.says = says
        super().__init__(declared, **attributes)

    def heading(self, lang: Lang = "en") -> str:
        """How it is typed: what stands in its place."""
        name = _taken(self).read(lang)
        name = name if self.required else f"[{name}]"
        return name + ("…" if self.nargs == -1 else "")


def _taken(parameter: click.Parameter) -> Text:
    """What is to be put in the place of an option's value or an argument."""
    word = parameter.metavar or (parameter.name or "").upper()
    zh = "|".join(_IN_CHINESE.get(each, each) for each in word.split("|"))
    return Text(zh, word)


#: What help pages put for what is to be typed.
_IN_CHINESE = {
    "ADDRESS": "地址", "ANCHOR": "起算日", "C": "意见", "CASE": "事项", "CODE": "邮编", "DATE": "日期", "DEFINITION": "定义", "FILE": "文件", "FILE.html": "网页", "ID": "编号",
    "INSTANT": "时刻", "K=V": "项=值", "KIND": "种类", "LIMIT": "期限", "LOG": "日志", "LOGIN": "登录名", "MAP": "对应", "N": "数", "NAME": "名称", "NEW": "新", "NEXT": "续页",
    "NUMBER": "号码", "OLD": "原", "OTHER": "另一账号", "PERSON": "人员", "PLACE": "去处", "PLAN": "计划", "ROLE": "职务", "S": "科室", "SECONDS": "秒", "SECTION": "科室",
    "STATE": "环节", "T": "标题", "TEXT": "文字", "TO": "受托人", "TRANSITION": "步骤", "URL": "地址", "WAY": "方式", "WHEN": "日期",
}  # fmt: skip


def option(*declared: str, says: Text, **attributes: Any) -> Callable[[Any], Any]:
    """Adds an option to the command below."""
    return click.option(*declared, cls=Option, says=says, **attributes)


def argument(*declared: str, says: Text, **attributes: Any) -> Callable[[Any], Any]:
    """Adds an argument to the command below."""
    return click.argument(*declared, cls=Argument, says=says, **attributes)


def missing(name: str) -> click.UsageError:
    """The complaint that this option of the command that runs was not said."""
    context = click.get_current_context()
    option = next(each for each in context.command.params if each.name == name)
    return click.exceptions.MissingParameter(ctx=context, param=option)


# The global options.

#: What was said with the global options stands here, in the meta of the whole call.
ASKED = "gongkai.asked"


def _ask(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value not in (None, False):
        context.meta.setdefault(ASKED, {})[parameter.name] = value


def _show_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if not value or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("gongkai")
    except PackageNotFoundError:  # run from its folder, not installed
        number = "0+source"
    if wants_json(context):
        click.echo(f'{{"ok": true, "version": "{number}"}}')
    else:
        click.echo(f"gongkai {number}")
    context.exit()


def wants_json(context: click.Context) -> bool:
    """Whether --json was said so far."""
    return bool(context.meta.get(ASKED, {}).get("json"))


def _global_options() -> list[Option]:
    def global_option(*names: str, says: Text, **attributes: Any) -> Option:
        return Option(names, says=says, expose_value=False, callback=_ask, **attributes)

    return [
        global_option("--db", metavar="URL", says=Text("数据库地址或文件（GONGKAI_DB）", "database address or file (GONGKAI_DB)")),
        global_option(
            "--as", metavar="PERSON", says=Text("以谁的身份办理（GONGKAI_AS），默认为系统登录用户对应的人员", "who acts (GONGKAI_AS); else the person mapped to the system's user")
        ),
        global_option("--json", is_flag=True, is_eager=True, says=Text("在标准输出打印一个 JSON 对象", "print one JSON object on stdout")),
        global_option("--lang", type=click.Choice(["zh", "en"]), metavar="zh|en", says=Text("语言（GONGKAI_LANG，否则按系统区域，默认中文）", "language (GONGKAI_LANG, else the locale, else Chinese)")),
        global_option("-q", "--quiet", is_flag=True, says=Text("不显示进度和说明", "no progress, no remarks")),
        global_option("--now", metavar="INSTANT", says=Text("设定时钟，仅限沙盒数据库：2026-02-13 或 2026-02-13T09:00（北京时间）或 RFC 3339", "set the clock, sandbox database only: 2026-02-13 or 2026-02-13T09:00 (Shanghai) or RFC 3339")),
        Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version, says=Text("显示版本", "show the version")),
        Option(["-h", "--help"], is_flag=True, is_eager=True, expose_value=False, callback=_show_help, says=Text("显示本页", "show this page")),
    ]  # fmt: skip


def _show_help(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(context.get_help(), color=context.color)
        context.exit()


class Command(click.Command):
    """A command with its help in both languages, and the global options behind its word too."""

    def __init__(
        self,
        name: str | None,
        *,
        says: Text = Text("", ""),
        more: Text | None = None,
        examples: Sequence[Example] = (),
        **attributes: Any,
    ) -> None:
        super().__init__(name, add_help_option=False, **attributes)
        self.says, self.more, self.examples = says, more, tuple(examples)
        self.params = [*self.params, *_global_options()]

    def get_help(self, ctx: click.Context) -> str:
        return _page(ctx, self, spoken(), _help_width(ctx))

    def get_usage(self, ctx: click.Context) -> str:
        return usage(ctx, self)

    def get_short_help_str(self, limit: int = 45) -> str:
        return self.says.read(spoken())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True  # we say ourselves what is too much
        with _knowing(ctx):
            rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise Misused(_EXTRA.filled(words=" ".join(rest)), ctx)
        return rest

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return _explained(self, super().shell_complete(ctx, incomplete))


class Group(click.Group):
    """A group of commands; those that are named with a module are imported only when they are called."""

    command_class = Command

    def __init__(
        self,
        name: str | None = None,
        *,
        says: Text = Text("", ""),
        more: Text | None = None,
        examples: Sequence[Example] = (),
        chapters: Sequence[Chapter] = (),
        **attributes: Any,
    ) -> None:
        # A group is no act of its own: called alone it shows its words, and that is a usage error.
        attributes |= {"callback": _show_the_words, "invoke_without_command": True}
        super().__init__(name, add_help_option=False, **attributes)
        self.says, self.more, self.examples, self.chapters = says, more, tuple(examples), tuple(chapters)
        self.lazy = {entry.name: entry for chapter in chapters for entry in chapter.entries}
        self.params = [*self.params, *_global_options()]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _knowing(ctx):
            return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.lazy, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.lazy:
            return self.lazy[cmd_name].load()
        return super().get_command(ctx, cmd_name)

    def get_help(self, ctx: click.Context) -> str:
        return _page(ctx, self, spoken(), _help_width(ctx))

    def get_usage(self, ctx: click.Context) -> str:
        return usage(ctx, self)

    def get_short_help_str(self, limit: int = 45) -> str:
        return self.says.read(spoken())

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return _explained(self, super().shell_complete(ctx, incomplete))


@contextmanager
def _knowing(context: click.Context) -> Iterator[None]:
    """Some of click's complaints do not know which command they are about; here they learn it."""
    try:
        yield
    except click.UsageError as fault:
        fault.ctx = fault.ctx or context
        raise


def _show_the_words() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        raise click.exceptions.NoArgsIsHelpError(context)


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of the tree: what it does, and where it lives (`module:attribute`)."""

    name: str
    home: str
    says: Text

    def load(self) -> Command | Group:
        """The command itself, imported now."""
        from importlib import import_module

        module, _, attribute = self.home.partition(":")
        found: Command | Group = getattr(import_module(module), attribute)
        found.name, found.says = self.name, self.says
        return found


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading of the help page with its words."""

    title: Text
    entries: tuple[Entry, ...]


def command(
    name: str | None = None, *, says: Text = Text("", ""), **attributes: Any
) -> Callable[[Callable[..., Any]], Command]:
    """Makes a command of the function below; the words of the top of the tree get their sentence there."""
    return click.command(name, cls=Command, says=says, **attributes)


def group(
    name: str | None = None, *, says: Text = Text("", ""), **attributes: Any
) -> Callable[[Callable[..., Any]], Group]:
    """Makes a group of the function below."""
    return click.group(name, cls=Group, says=says, **attributes)


def _explained(of: click.Command, items: list[CompletionItem]) -> list[CompletionItem]:
    says = {name: each.says for each in of.params if isinstance(each, Option) for name in each.opts}
    for item in items:
        if item.value in says:
            item.help = says[item.value].read(spoken())
    return items


# Usage errors.


def complaint(fault: click.UsageError) -> Text:
    """What click found wrong, as a whole sentence in both languages."""
    match fault:
        case Misused(said=said):
            return said
        case click.exceptions.NoSuchCommand(command_name=name):
            return _suggesting(_NO_COMMAND.filled(name=name), _near_commands(fault.ctx, name))
        case click.exceptions.NoSuchOption(option_name=name):
            return _suggesting(_NO_OPTION.filled(name=name), fault.possibilities)
        case click.exceptions.MissingParameter(param=parameter):
            return _missing(parameter)
        case click.exceptions.BadOptionUsage(option_name=name):
            return (_NO_VALUE if _is_flag(fault.ctx, name) else _NEEDS_VALUE).filled(name=name)
        case click.BadParameter(param=parameter) if parameter is not None:
            return _BAD_VALUE.filled(name=_typed_name(parameter), wanted=_wanted(parameter.type), detail=fault.message)
        case click.exceptions.NoArgsIsHelpError():
            return _NO_WORD
    return _NOT_UNDERSTOOD.filled(detail=fault.message)


def _near_commands(context: click.Context | None, name: str) -> list[str]:
    if context is None or not isinstance(context.command, click.Group):
        return []
    from difflib import get_close_matches  # only for a slip of the pen

    return get_close_matches(name, context.command.list_commands(context))


def _suggesting(said: Text, near: Sequence[str] | None) -> Text:
    if not near:
        return said
    return Text(f"{said.zh}；您要的是 {'、'.join(near)} 吗？", f"{said.en}; did you mean {', '.join(near)}?")


def _missing(parameter: click.Parameter | None) -> Text:
    says = getattr(parameter, "says", Text("", ""))
    return _MISSING.filled(name=_typed_name(parameter) if parameter else "?", says=says)


def _typed_name(parameter: click.Parameter) -> Text:
    if isinstance(parameter, click.Option):
        name = max(parameter.opts, key=len)
        return Text(name, name)
    return _taken(parameter)


def _is_flag(context: click.Context | None, name: str) -> bool:
    options = context.command.params if context else ()
    return any(isinstance(each, click.Option) and name in each.opts and each.is_flag for each in options)


def _wanted(kind: click.ParamType[Any]) -> Text:
    match kind:
        case click.Choice(choices=choices):
            return Text("可用 " + "、".join(map(str, choices)), "it takes " + ", ".join(map(str, choices)))
        case click.IntRange(min=least, max=most) if most is None:
            return Text(f"应为不小于 {least} 的整数", f"it takes a whole number from {least}")
        case click.IntRange(min=least, max=most):
            return Text(f"应为 {least} 至 {most} 的整数", f"it takes a whole number from {least} to {most}")
        case click.types.IntParamType():
            return Text("应为整数", "it takes a whole number")
        case click.types.FloatParamType():
            return Text("应为数字", "it takes a number")
    return Text("请看本命令的 --help", "see this command's --help")


_EXTRA = Text(
    "多出的内容“{words}”无法理解；含空格的值请加引号",
    "“{words}” is too much here; put quotes around a value with spaces",
)
_NO_COMMAND = Text("没有命令“{name}”", "there is no command “{name}”")
_NO_OPTION = Text("没有选项“{name}”", "there is no option “{name}”")
_MISSING = Text("缺少 {name}（{says}）", "{name} is missing ({says})")
_NO_VALUE = Text("选项 {name} 不带值", "option {name} takes no value")
_NEEDS_VALUE = Text("选项 {name} 须带一个值", "option {name} needs a value")
_BAD_VALUE = Text("{name} 的值不可用，{wanted}", "the value of {name} cannot be used; {wanted}")
_NO_WORD = Text("请说明要做什么：缺少命令", "say what to do: the command is missing")
_NOT_UNDERSTOOD = Text("无法理解：{detail}", "not understood: {detail}")
TRY_HELP = Text("用法见 {path} --help", "see {path} --help")


# Help pages.

_USAGE = Text("用法：", "Usage: ")
_COMMANDS = Text("命令", "Commands")
_ARGUMENTS = Text("参数", "Arguments")
_OPTIONS = Text("选项", "Options")
_GLOBAL = Text("通用选项（放在命令前后均可）", "Global options (before or after the command)")
_EXAMPLES = Text("例子", "Examples")
_OPTIONS_HERE = Text("[选项]", "[OPTIONS]")
_COMMAND_HERE = Text("命令 …", "COMMAND …")


def usage(context: click.Context, of: click.Command) -> str:
    """The line that shows how it is typed."""
    return _usage_in(context, of, spoken())


def _usage_in(context: click.Context, of: click.Command, lang: Lang) -> str:
    words = [context.command_path]
    if isinstance(of, click.Group):
        words.append(_COMMAND_HERE.read(lang))
    words += [each.heading(lang) for each in of.params if isinstance(each, Argument)]
    words += [each.heading(lang) for each in of.params if isinstance(each, Option) and each.needed]
    return _USAGE.read(lang) + " ".join((*words, _OPTIONS_HERE.read(lang)))


def _page(context: click.Context, of: Command | Group, lang: Lang, width: int) -> str:
    """The whole help page of a command."""
    return "\n\n".join("\n".join(block) for block in _blocks(context, of, lang, width) if block)


def _blocks(context: click.Context, of: Command | Group, lang: Lang, width: int) -> Iterator[list[str]]:
    yield folded(of.says.read(lang), width)
    yield folded(_usage_in(context, of, lang), width)
    if isinstance(of, Group):
        chapters = list(_chapters(of, lang))
        widest = max((cells(name) for _, rows in chapters for name, _ in rows), default=0)
        for title, rows in chapters:
            yield _listed(title, rows, width, widest)
    own = [each for each in of.params if isinstance(each, Option | Argument)]
    common = {each.name for each in _global_options()}
    yield _listed(
        _ARGUMENTS.read(lang), [(p.heading(lang), p.says.read(lang)) for p in own if isinstance(p, Argument)], width
    )
    options = [each for each in own if isinstance(each, Option) and not each.hidden]
    for heading, mine in ((_OPTIONS, False), (_GLOBAL, True)):
        yield _listed(
            heading.read(lang),
            [(o.heading(lang), o.says.read(lang)) for o in options if (o.name in common) == mine],
            width,
        )
    if of.more:
        for paragraph in of.more.read(lang).split("\n"):
            yield folded(paragraph, width)
    if of.examples:
        yield [_heading(_EXAMPLES.read(lang)), *(line for each in of.examples for line in _shown(each, lang, width))]


def _chapters(of: Group, lang: Lang) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for chapter in of.chapters:
        yield chapter.title.read(lang), [(entry.name, entry.says.read(lang)) for entry in chapter.entries]
    if of.commands:
        rows = [(name, each.says.read(lang)) for name, each in of.commands.items() if isinstance(each, Command | Group)]
        yield _COMMANDS.read(lang), rows


def _shown(example: Example, lang: Lang, width: int) -> Iterator[str]:
    for line in folded("# " + example.says.read(lang), width - 2):
        yield "  " + line
    yield "  " + example.typed


def _heading(title: str) -> str:
    return f"【{title}】" if spoken() == "zh" else f"{title}:"


def _listed(title: str, rows: list[tuple[str, str]], width: int, widest: int = 0) -> list[str]:
    """Terms on the left, what they mean on the right, each line within the width."""
    if not rows:
        return []
    left = min(widest or max(cells(term) for term, _ in rows), 26) + 2
    lines = [_heading(title)]
    for term, meaning in rows:
        first, *others = folded(meaning, width - left - 2) or [""]
        if cells(term) > left - 2:
            lines.append(f"  {term}")
            term = ""
        lines.append(f"  {term}{' ' * (left - cells(term))}{first}".rstrip())
        lines += [" " * (left + 2) + other for other in others]
    return lines


def _help_width(context: click.Context) -> int:
    import shutil

    return context.terminal_width or max(40, min(shutil.get_terminal_size().columns, WIDEST_HELP))
