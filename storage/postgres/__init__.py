"""PostgreSQL, the engine for several machines, and all that is PostgreSQL's own.

Transactions are READ COMMITTED and hold what they judge: a step locks its case and those around it, in the order of their
ids, before it reads them; steps run beside one another, and what changes people, law or calendar runs alone (an advisory
lock, shared and exclusive). A commit whose answer did not come is `Unknown`, and the request id tells what became of it.
No call waits for ever: the server ends what lasts too long, and where the server itself is silent, the client does.
"""

from storage.postgres.server import Server

__all__ = ["Server"]
