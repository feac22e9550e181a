"""MCP: the same answers as tools, resources and prompts for programs that ask with a language model."""
