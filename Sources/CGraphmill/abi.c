// The functions of graphmill.h are implemented in Swift, in the target GraphmillC. This file makes the header a target.
#include "graphmill.h"

#include <math.h>

// The static Swift runtime refers to hypotf, which nothing here calls. The one of glibc 2.35 is another version of the
// symbol; with one of our own, which nobody sees, the library runs on systems that are older.
__attribute__((visibility("hidden"))) float hypotf(float x, float y) {
  return (float)sqrt((double)x * x + (double)y * y);
}
