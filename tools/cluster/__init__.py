"""A real control plane with simulated nodes on this machine, without a container engine.

    with ControlPlane(nodes=2) as plane:
        plane.kubectl("apply", "-f", "-", input=manifest)

On the command line: `python -m tools.cluster start`. Linux only.
"""

from tools.cluster.access import User
from tools.cluster.plane import ClusterError, ControlPlane

__all__ = ["ClusterError", "ControlPlane", "User"]
