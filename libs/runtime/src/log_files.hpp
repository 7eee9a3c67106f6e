// Files of the log with the durability that sealing needs. Errors: kIo, kStoreFull; kEvidenceNotFound for a missing
// file.
#pragma once

#include <string>
#include <vector>

#include <tenure/evidence/tiles.hpp>

namespace tenure::runtime {

class LogFiles {
 public:
  explicit LogFiles(std::string folder) : folder_(std::move(folder)) {}

  evidence::FileReader reader() const;
  // Writes all in order, each durable, folders too, and reads each again. A file that is there already must be the same
  // (kEvidenceBroken): nothing under a checkpoint ever gets other content.
  Status write(const std::vector<evidence::File>& files) const;
  void remove_folders(const std::vector<std::string>& folders) const;

 private:
  std::string folder_;
};

}  // namespace tenure::runtime
