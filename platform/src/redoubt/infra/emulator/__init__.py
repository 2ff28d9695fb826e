"""The AWS emulator: one environment applied in full on one machine, with what the emulator lacks said.

The emulator is moto. What applies here is no proof that AWS allows the same: moto evaluates no condition
of a policy, filters no packet and enforces no key policy.
"""
