"""A sandbox of Cetec ERP: `crossdock sandbox cetec`. Needs the extra `sandbox`.

Nobody measured the real API: what no client or vendor code shows is marked as assumed.
"""

from crossdock_cetec.sandbox.platform import CetecSandbox

__all__ = ["CetecSandbox"]
