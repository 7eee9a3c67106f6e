#include "log_files.hpp"

#include <filesystem>

#include <tenure/base/file.hpp>

namespace tenure::runtime {

evidence::FileReader LogFiles::reader() const {
  return [folder = folder_](const std::string& path) -> Result<std::string> {
    if (!file_exists(folder + "/" + path)) return fail(Reason::kEvidenceNotFound, "the log has no file " + path);
    return read_file(folder + "/" + path);
  };
}

Status LogFiles::write(const std::vector<evidence::File>& files) const {
  for (const auto& file : files) {
    const std::string path = folder_ + "/" + file.path;
    if (file_exists(path)) {
      TENURE_TRY(const std::string there, read_file(path));
      if (there == file.bytes) continue;
      return fail(Reason::kEvidenceBroken, file.path + " is there with other content");
    }
    TENURE_CHECK_OK(make_folders(std::filesystem::path(path).parent_path().string()));
    TENURE_CHECK_OK(write_file_atomic(path, file.bytes));
    // What is signed is what the disk gives back, not what was meant: one flipped bit has ended logs before.
    TENURE_TRY(const std::string read_back, read_file(path));
    if (read_back != file.bytes)
      return fail(Reason::kEvidenceBroken, file.path + " does not read back as it was written");
  }
  return {};
}

void LogFiles::remove_folders(const std::vector<std::string>& folders) const {
  for (const auto& folder : folders) {
    std::error_code ec;  // garbage that stays is harmless
    std::filesystem::remove_all(folder_ + "/" + folder, ec);
  }
}

}  // namespace tenure::runtime
