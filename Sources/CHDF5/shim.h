// What Swift does not see of the library: macros with casts, versioned names, attributes of variable length.
#include <hdf5.h>
#include <string.h>

// Links to other files are not followed.
static inline herr_t hdf5_refuse_link(
    const char *file, const char *path, const char *target, const char *object, unsigned *flags, hid_t access, void *data) {
  (void)file, (void)path, (void)target, (void)object, (void)flags, (void)access, (void)data;
  return -1;
}

/// Opens a file for reading, or its bytes where `path` is null; negative where it is none. No messages of the library's
/// own, no plug-ins from elsewhere, no locks.
static inline hid_t hdf5_open(const char *path, const void *bytes, size_t count) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state(0);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0) return -1;
#if H5_VERSION_GE(1, 14, 0) || (H5_VERS_MINOR == 10 && H5_VERS_RELEASE >= 7) || (H5_VERS_MINOR == 12 && H5_VERS_RELEASE >= 1)
  H5Pset_file_locking(access, 0, 1);
#endif
  hid_t file = -1;
  if (path) {
    file = H5Fopen(path, H5F_ACC_RDONLY, access);
  } else if (H5Pset_fapl_core(access, 1 << 16, 0) >= 0 && H5Pset_file_image(access, (void *)(size_t)bytes, count) >= 0) {
    file = H5Fopen("-", H5F_ACC_RDONLY, access);
  }
  H5Pclose(access);
  return file;
}

/// Opens a dataset of the file itself; negative where there is none of that name.
static inline hid_t hdf5_open_dataset(hid_t file, const char *name) {
  hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  if (access < 0) return -1;
  hid_t dataset = H5Pset_elink_cb(access, hdf5_refuse_link, NULL) >= 0 ? H5Dopen2(file, name, access) : -1;
  H5Pclose(access);
  return dataset;
}

/// The number of links of the root group, by name; 0 where they cannot be counted.
static inline size_t hdf5_link_count(hid_t file) {
  H5G_info_t info;
  return H5Gget_info(file, &info) < 0 ? 0 : (size_t)info.nlinks;
}

/// The name of a link of the root group, in the order of names; its length, negative where it cannot be read. Longer
/// names are cut.
static inline ssize_t hdf5_link_name(hid_t file, size_t number, char *name, size_t size) {
  return H5Lget_name_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, number, name, size, H5P_DEFAULT);
}

/// Whether a type is h5py's bool: an enumeration FALSE, TRUE of bytes.
static inline int hdf5_is_bool(hid_t type) {
  if (H5Tget_class(type) != H5T_ENUM || H5Tget_size(type) != 1 || H5Tget_nmembers(type) != 2) return 0;
  char *first = H5Tget_member_name(type, 0), *second = H5Tget_member_name(type, 1);
  int is_bool = first && second && !strcmp(first, "FALSE") && !strcmp(second, "TRUE");
  H5free_memory(first);
  H5free_memory(second);
  return is_bool;
}

/// Reads all numbers of a dataset as they are stored.
static inline herr_t hdf5_read(hid_t dataset, hid_t type, void *out) {
  return H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
}

/// Copies a text attribute of the root group, cut to the size; whether there is one.
static inline int hdf5_text(hid_t file, const char *name, char *out, size_t size) {
  if (H5Aexists(file, name) <= 0) return 0;
  hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
  if (attribute < 0) return 0;
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  int found = 0;
  if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1) {
    if (H5Tis_variable_str(type) > 0) {
      char *text = NULL;
      if (H5Aread(attribute, type, &text) >= 0 && text) {
        strncpy(out, text, size - 1);
        found = 1;
        H5free_memory(text);
      }
    } else if (H5Tget_size(type) < size) {
      found = H5Aread(attribute, type, out) >= 0;
    }
    out[size - 1] = 0;
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  H5Aclose(attribute);
  return found;
}
