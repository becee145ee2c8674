"""Starts the kernel so many times, one after the other: none may hang. It prints how soon the answers come."""

import statistics
import sys
import time

from jupyter_client.manager import start_new_kernel

# Seconds after which a kernel hangs, also on a machine that has other work to do.
TIMEOUT = 60

count = int(sys.argv[1])
answers = []
for number in range(count):
    manager, client = start_new_kernel(kernel_name="twinbook", startup_timeout=TIMEOUT)
    try:
        began = time.monotonic()
        client.kernel_info(reply=True, timeout=TIMEOUT)
        answers.append(time.monotonic() - began)
        if number % 20 == 0:
            reply = client.execute_interactive("1 + 1", timeout=TIMEOUT, output_hook=lambda message: None)
            assert reply["content"]["status"] == "ok", reply
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=number % 2 == 0)
median = statistics.median(answers)
print(f"{count} starts, none hung; kernel_info after {1000 * median:.1f} ms (median), {1000 * max(answers):.1f} ms (most)")
