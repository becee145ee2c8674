#include "CGnuplot.h"
int twin_gnuplot_placeholder(void) { return 0; }
