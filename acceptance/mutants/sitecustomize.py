"""Found by Python at start when this folder is in PYTHONPATH: breaks the product if a mutant is ordered.

The product knows nothing of it. Without an order nothing is imported.
"""

import os

if os.environ.get("ACCEPTANCE_MUTANT"):
    import breakage

    breakage.install(os.environ["ACCEPTANCE_MUTANT"])
