"""`flows.worker_process` over the records of a test.

`python -m tests.flows.worker_with_records RECORDS --api-url URL …`
"""

import os
import sys
from pathlib import Path

from flows.worker_process import main, worker_environment

if __name__ == "__main__":
    # Prefect reads its settings when it is imported, and the records import it.
    os.environ.update(worker_environment(sys.argv[sys.argv.index("--api-url") + 1]))

    from flows import keeping
    from tests.flows.records import Records

    keeping.CHECK_DEPLOYMENT_EVERY_SECONDS = 1.0
    Records(Path(sys.argv[1])).install()
    main(sys.argv[2:])
