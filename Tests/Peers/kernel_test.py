"""What jupyter-kernel-test asks of a kernel; none of its tests is skipped."""

import unittest

import jupyter_kernel_test


class TwinbookKernel(jupyter_kernel_test.KernelTests):
    kernel_name = "twinbook"
    language_name = "twin"
    file_extension = ".twin"
    code_hello_world = 'print("hello, world")'
    # What differs from run to run is no result.
    code_stderr = "%time 1"
    completion_samples = [
        {"text": "contras", "matches": ["contrastive"]},
        {"text": '"é😀"; whil', "matches": ["while"]},
        {"text": "%rest"},
        {"text": "glyphs(4, 3).spl", "matches": ["split"]},
    ]
    complete_code_samples = ["1", "x = 1\nx", "print(1)", "?conv", "%who"]
    incomplete_code_samples = ["f(", "if true {", "[1,", 'x = """a']
    invalid_code_samples = ["x = = 1", "1 )"]
    code_page_something = "?conv"
    code_generate_error = "undefined_name"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "tensor([1, 2])", "result": "tensor([1, 2])"},
        {"code": '"é😀"', "result": '"é😀"'},
        {"code": "glyphs(4, 3)", "mime": "text/html"},
    ]
    code_display_data = [
        {"code": "plot([1, 2, 3])", "mime": "image/svg+xml"},
        {"code": "plot([1, 2, 3])", "mime": "image/png"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "conv"
    code_clear_output = "%clear"


class TwinbookWelcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "twinbook"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
