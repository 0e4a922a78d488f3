#include "mill_kernels.h"
