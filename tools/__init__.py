"""What builds and runs the real parts (OPA, a Kubernetes control plane); not part of the program."""
