"""Starts the kernel so many times, one after the other: none may hang, and the answer comes soon."""

import statistics
import sys
import time

from jupyter_client.manager import start_new_kernel

count = int(sys.argv[1])
answers = []
for number in range(count):
    manager, client = start_new_kernel(kernel_name="twinbook", startup_timeout=20)
    try:
        began = time.monotonic()
        client.kernel_info(reply=True, timeout=10)
        answers.append(time.monotonic() - began)
        if number % 20 == 0:
            reply = client.execute_interactive("1 + 1", timeout=10, output_hook=lambda message: None)
            assert reply["content"]["status"] == "ok", reply
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=number % 2 == 0)
median = statistics.median(answers)
print(f"{count} starts, none hung; kernel_info after {1000 * median:.1f} ms (median), {1000 * max(answers):.1f} ms (most)")
assert median < 0.3
