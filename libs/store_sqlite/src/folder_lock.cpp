#include "folder_lock.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <tenure/base/text.hpp>

namespace tenure::store_sqlite {

Result<FolderLock> FolderLock::take(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Reason::kStoreIo, "cannot open " + path + ": " + std::generic_category().message(errno));
  FolderLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const ssize_t n = ::pread(fd, holder.data(), holder.size() - 1, 0);
    const std::string pid(trim(std::string_view(holder.data(), n > 0 ? static_cast<std::size_t>(n) : 0)));
    return fail(Reason::kStoreLocked, "process " + (pid.empty() ? "(unknown)" : pid) + " holds " + folder,
                Effect::kNone, Retry::kLater);
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return fail(Reason::kStoreIo, "cannot write " + path + ": " + std::generic_category().message(errno));
  return lock;
}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);  // releases the lock
}

}  // namespace tenure::store_sqlite
