"""The MCP server: gives each answer of `llmhub.agents.answers` as a tool, over stdin and stdout."""

from __future__ import annotations

import functools
import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, get_type_hints

from llmhub.errors import ExtraMissingError, LlmhubError, printable
from llmhub.installation import install_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.lowlevel import Server
    from mcp.types import CallToolResult, Tool

_INSTRUCTIONS = (
    "A local catalog of language models: which can be called with this machine's keys, what each costs, what it can "
    "do, how people rate it, and when it ends. Prices (`in`, `out`) are US dollars per million tokens, quality is a "
    "tier from 1 (best) to 5, ratings are LMArena's, days are in UTC. Unknown is left out, never guessed. Start with "
    "`search` or `pick`. It answers by what is stored: `llmhub catalog refresh` brings that up to date."
)


def serve() -> None:
    """Answer on stdin and stdout until the client goes away.

    Raises:
        ExtraMissingError: the SDK is not installed.
    """
    server = make_server()
    import anyio
    from mcp.server.stdio import stdio_server

    async def run() -> None:
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())

    try:
        anyio.run(run)
    except* (BrokenPipeError, anyio.BrokenResourceError):
        # The client went away and takes no more answers.
        pass


def make_server() -> Server[Any]:
    """Return a server with all tools.

    Raises:
        ExtraMissingError: the SDK is not installed.
    """
    try:
        from mcp.server.lowlevel import Server
        from mcp.types import ListToolsResult
    except ImportError as error:
        raise ExtraMissingError(f"agents need the extra `mcp` ({error}): {install_line('mcp')}") from error
    import anyio.to_thread

    from llmhub.agents.answers import TOOLS
    from llmhub.agents.arguments import Arguments

    tools = {tool.__name__: (tool, Arguments(tool)) for tool in TOOLS}
    described = [_described(tool, arguments) for tool, arguments in tools.values()]

    async def list_tools(_context: Any, _asked: Any) -> ListToolsResult:
        return ListToolsResult(tools=described)

    async def call_tool(_context: Any, asked: Any) -> CallToolResult:
        if asked.name not in tools:
            return _error(f"there is no tool {asked.name!r}; there are {', '.join(tools)}")
        tool, arguments = tools[asked.name]
        answer = functools.partial(_answer, tool, arguments, asked.arguments)
        # Nobody waits for an answer after the client went away.
        return await anyio.to_thread.run_sync(answer, abandon_on_cancel=True)

    return Server(
        "llmhub",
        version=version("llmhub-catalog"),
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _described(tool: Callable[..., Any], arguments: Any) -> Tool:
    from mcp.types import Tool, ToolAnnotations

    from llmhub.agents.arguments import schema_of

    return Tool(
        name=tool.__name__,
        description=" ".join((tool.__doc__ or "").split()),
        input_schema=arguments.schema(),
        output_schema=schema_of(get_type_hints(tool, include_extras=True)["return"]),
        annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
    )


def _answer(tool: Callable[..., Any], arguments: Any, given: dict[str, Any] | None) -> CallToolResult:
    """Return an answer, as a structure and as the same in JSON for clients that read texts; or an error in one line."""
    from mcp.types import CallToolResult, TextContent

    try:
        found = tool(**arguments.checked(given))
    except (LlmhubError, ValueError, OSError, OverflowError) as error:
        return _error(str(error))
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=found)


def _error(said: str) -> CallToolResult:
    from mcp.types import CallToolResult, TextContent

    return CallToolResult(content=[TextContent(type="text", text=printable(said))], is_error=True)
