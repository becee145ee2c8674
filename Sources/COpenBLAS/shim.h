#include <cblas.h>

/* LAPACK, which OpenBLAS brings along; its C header does not declare it. Eigenvalues in rising order, eigenvectors in the
   columns of `a` (column-major). */
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
             const int *lwork, int *iwork, const int *liwork, int *info);
