// The HDF5 library in a process of its own: it takes a damaged file for what it says, and may read or free what is not
// there. A child looks into the file and leaves plain values in shared memory; where it ends early, the file is damaged.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#if __has_include(<hdf5/serial/hdf5.h>)
#include <hdf5/serial/hdf5.h>
#else
#include <hdf5.h>
#endif
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define HDF5_RANK 8
#define HDF5_DATASETS 512

/// A dataset as it is stored.
typedef struct {
  char name[256];
  int32_t rank;
  uint64_t sizes[HDF5_RANK];
  /// H5T_class_t; bytes of an element; bits of its number.
  int32_t type_class, width, precision;
  int32_t is_signed, is_big_endian, is_bool;
  int32_t exponent_bits, mantissa_bits, exponent_bias;
  uint64_t stored_bytes;
  /// Where the numbers lie one behind the other; UINT64_MAX for chunks.
  uint64_t place;
  /// Whether the data lie in other files, and the number of a filter that is not there; 0 for none.
  int32_t is_elsewhere, missing_filter;
} hdf5_dataset;

/// What a file holds.
typedef struct {
  /// Whether the file was opened, and whether all was looked at.
  int32_t is_open, is_done;
  char distance[64];
  int32_t count;
  hdf5_dataset datasets[HDF5_DATASETS];
} hdf5_listing;

/// A file: its path, or its bytes where the path is null.
typedef struct {
  const char *path;
  const void *bytes;
  size_t count;
} hdf5_source;

// The functions of the library that are called. It is loaded when a file asks for it: it brings some thirty other
// libraries, which nobody else should wait for, and need not be installed for other work.
#define HDF5_FUNCTIONS(F) \
  F(H5open) F(H5get_libversion) F(H5Eset_auto2) F(H5PLset_loading_state) F(H5Pcreate) F(H5Pset_file_locking) \
  F(H5Fopen) F(H5Pset_fapl_core) F(H5Pset_file_image) F(H5Pset_elink_cb) F(H5Dopen2) F(H5Tget_class) \
  F(H5Tget_size) F(H5Tget_nmembers) F(H5Tget_member_name) F(H5Dget_type) F(H5Dget_space) F(H5Dget_create_plist) \
  F(H5Sget_simple_extent_ndims) F(H5Sget_simple_extent_dims) F(H5Tget_precision) F(H5Tget_order) F(H5Tget_sign) \
  F(H5Tget_fields) F(H5Tget_ebias) F(H5Pget_layout) F(H5Pget_external_count) F(H5Pget_nfilters) \
  F(H5Pget_filter2) F(H5Zfilter_avail) F(H5Dget_storage_size) F(H5Dget_offset) F(H5Aexists) F(H5Aopen) \
  F(H5Aget_type) F(H5Aget_space) F(H5Sget_simple_extent_npoints) F(H5Tis_variable_str) F(H5Aread) \
  F(H5Gget_info) F(H5Lget_name_by_idx) F(H5Dread)

typedef struct {
#define HDF5_FIELD(name) __typeof__(name) *name;
  HDF5_FUNCTIONS(HDF5_FIELD)
#undef HDF5_FIELD
  hid_t *H5P_CLS_FILE_ACCESS_ID_g, *H5P_CLS_DATASET_ACCESS_ID_g;
} hdf5_library;

static inline hdf5_library *hdf5_functions(void) {
  static hdf5_library functions;
  return &functions;
}
#define h5 (*hdf5_functions())

// The constants of the header call functions of the library before they give their number.
#undef H5CHECK
#define H5CHECK
#undef H5OPEN
#define H5OPEN

/// Loads the library, of the version that this was compiled for; whether it is there. From one thread at a time.
static inline int hdf5_load(void) {
  static const char *const names[] = {"libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so",
                                      "libhdf5.so.103",        "libhdf5.so.200",        "libhdf5.so.310",
                                      "libhdf5.so"};
  if (h5.H5open) return 1;
  for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
    void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) continue;
    hdf5_library found;
    int is_whole = 1;
#define HDF5_FIND(name) is_whole &= (*(void **)&found.name = dlsym(library, #name)) != NULL;
    HDF5_FUNCTIONS(HDF5_FIND)
    HDF5_FIND(H5P_CLS_FILE_ACCESS_ID_g)
    HDF5_FIND(H5P_CLS_DATASET_ACCESS_ID_g)
#undef HDF5_FIND
    unsigned major = 0, minor = 0, release = 0;
    if (is_whole && found.H5get_libversion(&major, &minor, &release) >= 0 && major == H5_VERS_MAJOR &&
        minor == H5_VERS_MINOR && found.H5open() >= 0) {
      h5 = found;
      return 1;
    }
    dlclose(library);
  }
  return 0;
}

// Links to other files are not followed.
static inline herr_t hdf5_refuse_link(
    const char *file, const char *path, const char *target, const char *object, unsigned *flags, hid_t access, void *data) {
  (void)file, (void)path, (void)target, (void)object, (void)flags, (void)access, (void)data;
  return -1;
}

// No messages of the library's own, no plug-ins from elsewhere, no locks.
static inline hid_t hdf5_open(const hdf5_source *source) {
  h5.H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  h5.H5PLset_loading_state(0);
  hid_t access = h5.H5Pcreate(*h5.H5P_CLS_FILE_ACCESS_ID_g);
  if (access < 0) return -1;
  h5.H5Pset_file_locking(access, 0, 1);
  if (source->path) return h5.H5Fopen(source->path, H5F_ACC_RDONLY, access);
  if (h5.H5Pset_fapl_core(access, 1 << 16, 0) < 0) return -1;
  if (h5.H5Pset_file_image(access, (void *)(size_t)source->bytes, source->count) < 0) return -1;
  return h5.H5Fopen("-", H5F_ACC_RDONLY, access);
}

static inline hid_t hdf5_open_dataset(hid_t file, const char *name) {
  hid_t access = h5.H5Pcreate(*h5.H5P_CLS_DATASET_ACCESS_ID_g);
  return access >= 0 && h5.H5Pset_elink_cb(access, hdf5_refuse_link, NULL) >= 0 ? h5.H5Dopen2(file, name, access) : -1;
}

// h5py's bool: an enumeration FALSE, TRUE of bytes.
static inline int hdf5_is_bool(hid_t type) {
  if (h5.H5Tget_class(type) != H5T_ENUM || h5.H5Tget_size(type) != 1 || h5.H5Tget_nmembers(type) != 2) return 0;
  char *first = h5.H5Tget_member_name(type, 0), *second = h5.H5Tget_member_name(type, 1);
  return first && second && !strcmp(first, "FALSE") && !strcmp(second, "TRUE");
}

// Describes a dataset; 0 where there is none of that name. What is opened ends with the process.
static inline int hdf5_describe(hid_t file, const char *name, hdf5_dataset *out) {
  hid_t dataset = hdf5_open_dataset(file, name);
  if (dataset < 0) return 0;
  hid_t type = h5.H5Dget_type(dataset), space = h5.H5Dget_space(dataset), made = h5.H5Dget_create_plist(dataset);
  if (type < 0 || space < 0 || made < 0) return 0;
  strncpy(out->name, name, sizeof(out->name) - 1);
  hsize_t sizes[H5S_MAX_RANK] = {0};
  out->rank = h5.H5Sget_simple_extent_ndims(space);
  if (out->rank < 0 || h5.H5Sget_simple_extent_dims(space, sizes, NULL) < 0) return 0;
  for (int i = 0; i < out->rank && i < HDF5_RANK; i++) out->sizes[i] = sizes[i];
  out->type_class = h5.H5Tget_class(type);
  out->width = (int32_t)h5.H5Tget_size(type);
  out->is_bool = hdf5_is_bool(type);
  if (out->type_class == H5T_INTEGER || out->type_class == H5T_FLOAT) {
    out->precision = (int32_t)h5.H5Tget_precision(type);
    out->is_big_endian = h5.H5Tget_order(type) == H5T_ORDER_BE;
    if (out->width > 1 && !out->is_big_endian && h5.H5Tget_order(type) != H5T_ORDER_LE) out->precision = 0;
  }
  if (out->type_class == H5T_INTEGER) out->is_signed = h5.H5Tget_sign(type) == H5T_SGN_2;
  if (out->type_class == H5T_FLOAT) {
    size_t sign, exponent, exponent_bits = 0, mantissa, mantissa_bits = 0;
    h5.H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits);
    out->exponent_bits = (int32_t)exponent_bits;
    out->mantissa_bits = (int32_t)mantissa_bits;
    out->exponent_bias = (int32_t)h5.H5Tget_ebias(type);
  }
  H5D_layout_t layout = h5.H5Pget_layout(made);
  out->is_elsewhere = layout == H5D_VIRTUAL || h5.H5Pget_external_count(made) != 0;
  for (int i = 0, n = h5.H5Pget_nfilters(made); i < n && !out->missing_filter; i++) {
    unsigned flags, settings;
    size_t values = 0;
    H5Z_filter_t filter = h5.H5Pget_filter2(made, (unsigned)i, &flags, &values, NULL, 0, NULL, &settings);
    if (filter < 0 || h5.H5Zfilter_avail(filter) <= 0) out->missing_filter = filter;
  }
  out->stored_bytes = h5.H5Dget_storage_size(dataset);
  haddr_t place = layout == H5D_CONTIGUOUS && !out->is_elsewhere ? h5.H5Dget_offset(dataset) : HADDR_UNDEF;
  out->place = place == HADDR_UNDEF ? UINT64_MAX : place;
  return 1;
}

// A text attribute of the root group, cut to the size.
static inline void hdf5_text(hid_t file, const char *name, char *out, size_t size) {
  if (h5.H5Aexists(file, name) <= 0) return;
  hid_t attribute = h5.H5Aopen(file, name, H5P_DEFAULT);
  if (attribute < 0) return;
  hid_t type = h5.H5Aget_type(attribute), space = h5.H5Aget_space(attribute);
  if (type < 0 || space < 0 || h5.H5Tget_class(type) != H5T_STRING || h5.H5Sget_simple_extent_npoints(space) != 1) return;
  if (h5.H5Tis_variable_str(type) > 0) {
    char *text = NULL;
    if (h5.H5Aread(attribute, type, &text) >= 0 && text) strncpy(out, text, size - 1);
  } else if (h5.H5Tget_size(type) < size) {
    h5.H5Aread(attribute, type, out);
  }
  out[size - 1] = 0;
}

typedef struct {
  hdf5_source source;
  const char *name;
  hdf5_listing *listing;
  void *out;
  int32_t *is_done;
} hdf5_job;

// The datasets of the root group by name, then the one that is asked for, which may lie in a group.
static inline void hdf5_list_here(hdf5_job *job) {
  hdf5_listing *listing = job->listing;
  hid_t file = hdf5_open(&job->source);
  if (file < 0) return;
  listing->is_open = 1;
  hdf5_text(file, "distance", listing->distance, sizeof(listing->distance));
  if (job->name && hdf5_describe(file, job->name, &listing->datasets[0])) listing->count = 1;
  H5G_info_t group;
  if (h5.H5Gget_info(file, &group) >= 0) {
    for (hsize_t i = 0; i < group.nlinks && listing->count < HDF5_DATASETS; i++) {
      char name[256];
      ssize_t length = h5.H5Lget_name_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof(name), H5P_DEFAULT);
      if (length <= 0 || length >= (ssize_t)sizeof(name)) continue;
      if (job->name && !strcmp(job->name, name)) continue;
      if (hdf5_describe(file, name, &listing->datasets[listing->count])) listing->count++;
    }
  }
  listing->is_done = 1;
}

// All numbers of a dataset as they are stored.
static inline void hdf5_read_here(hdf5_job *job) {
  hid_t file = hdf5_open(&job->source);
  hid_t dataset = file < 0 ? -1 : hdf5_open_dataset(file, job->name);
  hid_t type = dataset < 0 ? -1 : h5.H5Dget_type(dataset);
  if (type >= 0 && h5.H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, job->out) >= 0) *job->is_done = 1;
}

// Does the work in a child that leaves nothing but what it wrote into shared memory, and ends after some seconds.
static inline void hdf5_apart(void (*work)(hdf5_job *), hdf5_job *job, unsigned seconds) {
  pid_t child = fork();
  if (child == 0) {
    int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM, SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    sigset_t all;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) signal(signals[i], SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0) dup2(nowhere, 2);
    alarm(seconds);
    work(job);
    _exit(0);
  }
  int status;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
}

static inline void *hdf5_shared(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

/// Lists a file; null where there is no memory. `wanted` is a dataset that may lie in a group, or null; it comes first.
/// Given back by `hdf5_drop`.
static inline hdf5_listing *hdf5_list(hdf5_source source, const char *wanted) {
  hdf5_listing *listing = (hdf5_listing *)hdf5_shared(sizeof(hdf5_listing));
  if (!listing) return NULL;
  hdf5_job job = {source, wanted, listing, NULL, NULL};
  hdf5_apart(hdf5_list_here, &job, 60);
  return listing;
}

/// A dataset of a listing.
static inline const hdf5_dataset *hdf5_at(const hdf5_listing *listing, int number) { return &listing->datasets[number]; }
static inline const char *hdf5_distance(const hdf5_listing *listing) { return listing->distance; }

static inline void hdf5_drop(hdf5_listing *listing) { munmap(listing, sizeof(hdf5_listing)); }

/// Copies all numbers of a dataset, `size` bytes; whether that went well.
static inline int hdf5_read(hdf5_source source, const char *name, void *out, size_t size) {
  char *memory = (char *)hdf5_shared(size + 64);
  if (!memory) return 0;
  int32_t *is_done = (int32_t *)(void *)memory;
  hdf5_job job = {source, name, NULL, memory + 64, is_done};
  hdf5_apart(hdf5_read_here, &job, 60 + (unsigned)(size >> 22));
  int went_well = *is_done == 1;
  if (went_well) memcpy(out, memory + 64, size);
  munmap(memory, size + 64);
  return went_well;
}
