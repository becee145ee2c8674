#include "CGnuplot.h"

#include <dlfcn.h>

/// fontconfig comes with every gnuplot that draws pictures, but a Twinbook without gnuplot starts without it too: so it
/// is opened when it is asked, not linked. Its functions are as in fontconfig.h, the pointers opaque.
namespace {

struct FontSet {
  int count;
  int capacity;
  void **patterns;
};

struct Fontconfig {
  FontSet *(*list)(void *, void *, void *) = nullptr;
  int (*get_set)(const void *, const char *, int, void **) = nullptr;
  int (*has_char)(const void *, unsigned) = nullptr;
  FontSet *fonts = nullptr;

  Fontconfig() {
    void *library = ::dlopen("libfontconfig.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return;
    auto create = reinterpret_cast<void *(*)()>(::dlsym(library, "FcPatternCreate"));
    auto destroy = reinterpret_cast<void (*)(void *)>(::dlsym(library, "FcPatternDestroy"));
    auto objects = reinterpret_cast<void *(*)(const char *, ...)>(::dlsym(library, "FcObjectSetBuild"));
    auto destroy_objects = reinterpret_cast<void (*)(void *)>(::dlsym(library, "FcObjectSetDestroy"));
    list = reinterpret_cast<FontSet *(*)(void *, void *, void *)>(::dlsym(library, "FcFontList"));
    get_set = reinterpret_cast<int (*)(const void *, const char *, int, void **)>(
        ::dlsym(library, "FcPatternGetCharSet"));
    has_char = reinterpret_cast<int (*)(const void *, unsigned)>(::dlsym(library, "FcCharSetHasChar"));
    if (!create || !destroy || !objects || !destroy_objects || !list || !get_set || !has_char) return;
    void *all = create();
    void *wanted = objects("charset", static_cast<char *>(nullptr));
    if (all != nullptr && wanted != nullptr) fonts = list(nullptr, all, wanted);
    if (wanted != nullptr) destroy_objects(wanted);
    if (all != nullptr) destroy(all);
  }
};

}  // namespace

extern "C" int twin_fonts_have(unsigned character) {
  // Made by the first call, whichever thread it comes from; kept, because the fonts of a machine hardly change.
  static const Fontconfig fontconfig;
  if (fontconfig.fonts == nullptr) return 0;
  for (int index = 0; index < fontconfig.fonts->count; index++) {
    void *characters = nullptr;
    if (fontconfig.get_set(fontconfig.fonts->patterns[index], "charset", 0, &characters) == 0 &&
        characters != nullptr && fontconfig.has_char(characters, character) != 0)
      return 1;
  }
  return 0;
}
