#include "CByteProducts.h"
