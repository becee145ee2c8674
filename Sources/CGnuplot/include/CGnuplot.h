#pragma once
#ifdef __cplusplus
extern "C" {
#endif
int twin_gnuplot_placeholder(void);
#ifdef __cplusplus
}
#endif
