"""The MCP server: gives each answer of `llmhub.agents.answers` as a tool, over stdin and stdout."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import TYPE_CHECKING

from llmhub.agents.answers import TOOLS
from llmhub.errors import ExtraMissingError, LlmhubError, printable
from llmhub.installation import install_line

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_INSTRUCTIONS = (
    "A local catalog of language models: which can be called with this machine's keys, what each costs, what it can "
    "do, how people rate it, and when it ends. Unknown is left out, never guessed. Start with `search` or `pick`."
)


def make_server() -> MCPServer:
    """Return a server with all tools.

    Raises:
        ExtraMissingError: the SDK is not installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp.types import ToolAnnotations
    except ImportError as error:
        raise ExtraMissingError(f"agents need the extra `mcp` ({error}): {install_line('mcp')}") from error
    server: MCPServer = MCPServer(
        "llmhub", instructions=_INSTRUCTIONS, version=version("llmhub-catalog"), log_level="WARNING"
    )
    reading = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    for tool in TOOLS:
        # An answer is a text: as a structure the SDK would send it twice.
        server.add_tool(_safe(tool), annotations=reading, structured_output=False)
    return server


def _safe(tool: Callable[..., str]) -> Callable[..., str]:
    """Return a tool whose errors are one line that an agent can act on."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def answer(**given: object) -> str:
        try:
            return tool(**given)
        except (LlmhubError, ValueError, TypeError) as error:
            raise ToolError(printable(str(error))) from error

    return answer
