#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <tenure/base/file.hpp>
#include <tenure/base/large_file.hpp>

namespace tenure {
namespace {

std::unexpected<Error> io_error(std::string_view what, const std::string& path) {
  const int code = errno;
  const Reason reason = code == ENOSPC || code == EDQUOT ? Reason::kStoreFull : Reason::kIo;
  return fail(reason, std::string(what) + " " + path + ": " + std::generic_category().message(code));
}

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Status write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("cannot write", path);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0) return io_error("cannot make durable", path);
  return {};
}

// The first `size` bytes of a file, or as many as there are.
Status read_parts(int fd, std::size_t size, const std::string& path, Workers& workers, std::string& content) {
  constexpr std::size_t kPartLeast = std::size_t{1} << 22;
  constexpr std::size_t kHugePage = std::size_t{1} << 21;
  content.reserve(size);
  // The first touch of a page costs more than reading into it: few large ones, where the system has them.
  if (size >= 4 * kHugePage) {
    const auto begin = (reinterpret_cast<std::uintptr_t>(content.data()) + kHugePage - 1) & ~(kHugePage - 1);
    ::madvise(reinterpret_cast<void*>(begin), size - kHugePage, MADV_HUGEPAGE);
  }
  std::atomic<std::size_t> end = size;
  std::atomic<int> error = 0;
  content.resize_and_overwrite(size, [&](char* out, std::size_t) {
    in_parts(workers, size, kPartLeast, [&](std::size_t at, std::size_t part_end) {
      while (at < part_end) {
        const ssize_t n = ::pread(fd, out + at, part_end - at, static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) error = errno;
        if (n <= 0) break;
        at += static_cast<std::size_t>(n);
      }
      for (std::size_t seen = end; at < part_end && at < seen && !end.compare_exchange_weak(seen, at);) {
      }
    });
    return end.load();
  });
  errno = error;
  if (error != 0) return io_error("cannot read", path);
  return {};
}

}  // namespace

Result<std::string> read_large_file(const std::string& path, Workers& workers) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return io_error("cannot open", path);
  struct stat status{};
  const bool regular = ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode);
  std::string content;
  if (regular) TENURE_CHECK_OK(read_parts(fd.get(), static_cast<std::size_t>(status.st_size), path, workers, content));
  // What has no size, and what a file has become longer by.
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t n = regular ? ::pread(fd.get(), buffer.data(), buffer.size(), static_cast<off_t>(content.size()))
                              : ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("cannot read", path);
    if (n == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

Result<std::string> read_file(const std::string& path) {
  return read_large_file(path, own_thread());
}

Status write_file_atomic(const std::string& path, std::string_view content, unsigned mode) {
  const std::string temporary = path + ".tmp." + std::to_string(::getpid());
  {
    const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (fd.get() < 0) return io_error("cannot create", temporary);
    if (auto written = write_all(fd.get(), content, temporary); !written) {
      ::unlink(temporary.c_str());
      return written;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    auto error = io_error("cannot rename to", path);
    ::unlink(temporary.c_str());
    return error;
  }
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const Fd dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (dir.get() < 0 || ::fsync(dir.get()) != 0) return io_error("cannot make durable", folder);
  return {};
}

Status make_folders(const std::string& path) {
  std::error_code ec;
  std::filesystem::create_directories(path, ec);
  if (ec) {
    errno = ec.value();
    return io_error("cannot create folder", path);
  }
  return {};
}

bool file_exists(const std::string& path) {
  struct stat st{};
  return ::stat(path.c_str(), &st) == 0;
}

Result<std::uint64_t> free_space(const std::string& path) {
  struct statvfs st{};
  if (::statvfs(path.c_str(), &st) != 0) return io_error("cannot examine", path);
  return static_cast<std::uint64_t>(st.f_bavail) * st.f_frsize;
}

}  // namespace tenure
