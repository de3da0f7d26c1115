"""Is everything as the record says (核验)? Every case is read once more, its chain followed, its story told again from blank.

`whole` puts it together; `stretch` reads the cases between two ids, `retold` one of them, `numbers` and the seals what goes
across cases. `together` has several processes read stretches of one moment; `memory` keeps, outside the database, up to
which seal all was found well, so that only what came after it is told again.
"""

from storage.verify.whole import Verified, verify

__all__ = ["Verified", "verify"]
