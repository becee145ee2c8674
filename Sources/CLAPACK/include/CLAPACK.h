#pragma once
#include <stdbool.h>

/// LAPACK as OpenBLAS brings it, opened when a decomposition is first asked for: linked, it would slow every start.
/// Matrices are column-major; what each function means stands at netlib.org/lapack under its name. The answer is LAPACK's
/// `info`: 0 where all went well. Where `lwork` is -1, `work[0]` gets the size that is wanted.

/// False where no LAPACK is installed; nothing below may be called then.
bool twin_lapack_open(void);

int twin_dgetrf(int m, int n, double *a, int *pivots);
int twin_dgetrs(char trans, int n, int columns, const double *a, const int *pivots, double *b);
int twin_dgetri(int n, double *a, const int *pivots, double *work, int lwork);
/// The reciprocal of the condition in the 1-norm, of a matrix that `twin_dgetrf` has factored; `work` holds 4n, `integers` n.
int twin_dgecon(int n, const double *a, double norm, double *reciprocal, double *work, int *integers);
int twin_dpotrf(char uplo, int n, double *a);
int twin_dgeqrf(int m, int n, double *a, double *tau, double *work, int lwork);
int twin_dorgqr(int m, int n, int k, double *a, const double *tau, double *work, int lwork);
/// `integers` holds 8 · min(m, n).
int twin_dgesdd(char jobz, int m, int n, double *a, double *s, double *u, int ldu, double *vt, int ldvt, double *work,
                int lwork, int *integers);
int twin_dsyevd(char uplo, int n, double *a, double *w, double *work, int lwork, int *integers, int liwork);
int twin_dgelsd(int m, int n, int columns, double *a, double *b, int ldb, double *s, double rcond, int *rank, double *work,
                int lwork, int *integers);
