#include <csignal>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tenure/base/file.hpp>
#include <tenure/lab/process.hpp>

namespace tenure::lab {
namespace {

Result<std::string> shell() {
  return find_program("sh", "dash");
}

ProcessOptions script(const std::string& text) {
  return {.argv = {*shell(), "-c", text}, .environment = plain_environment()};
}

TEST(Process, GivesOutputAndStatus) {
  const auto output = run_tool(script("echo $LANG; exit 3"), Duration::seconds(10));
  ASSERT_TRUE(output) << output.error().to_string();
  EXPECT_EQ(output->status, 3);
  EXPECT_EQ(output->text, "C.UTF-8\n");
  const auto failed = run_tool_ok(script("echo reason; exit 3"), Duration::seconds(10));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason(), Reason::kProcessFailed);
}

TEST(Process, InheritsNoEnvironment) {
  ::setenv("TENURE_LAB_SECRET", "x", 1);
  const auto output = run_tool(script("echo [$TENURE_LAB_SECRET]"), Duration::seconds(10));
  ASSERT_TRUE(output);
  EXPECT_EQ(output->text, "[]\n");
}

TEST(Process, MissingProgramIsAnErrorAtStart) {
  const auto process = Process::start({.argv = {"/nonexistent/program"}});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().reason(), Reason::kProcessFailed);
  const auto found = find_program("tenure-no-such-program", "some-package");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason(), Reason::kPeerMissing);
  EXPECT_NE(found.error().message().find("some-package"), std::string::npos);
}

TEST(Process, StopKillsWhatIgnoresTheSignal) {
  auto folder = TempFolder::create();
  auto options = script("trap '' TERM; echo up; while :; do sleep 1000; done");
  options.log_path = folder->path() + "/log";
  auto process = Process::start(options);
  ASSERT_TRUE(process);
  ASSERT_TRUE(poll_until([&] { return read_file(options.log_path).value_or("") == "up\n"; }, Duration::seconds(10)));
  EXPECT_TRUE(process->stop(Duration::millis(100), SIGTERM));
  EXPECT_FALSE(process->running());
  EXPECT_EQ(process->exit_status(), 128 + SIGKILL);
}

TEST(Process, StopReachesWhatItStarted) {
  auto folder = TempFolder::create();
  auto options = script("setsid sleep 1000 & echo $!; trap '' TERM; wait; wait");
  options.log_path = folder->path() + "/log";
  auto process = Process::start(options);
  ASSERT_TRUE(process);
  ASSERT_TRUE(
      poll_until([&] { return read_file(options.log_path).value_or("").ends_with("\n"); }, Duration::seconds(10)));
  const pid_t grandchild = std::atoi(read_file(options.log_path)->c_str());
  ASSERT_EQ(::kill(grandchild, 0), 0);
  process->kill();
  // Whoever adopts it must still reap it; a zombie has no command line.
  const std::string command = "/proc/" + std::to_string(grandchild) + "/cmdline";
  EXPECT_TRUE(poll_until([&] { return read_file(command).value_or("").empty(); }, Duration::seconds(10)));
}

TEST(Process, DiesWithItsParent) {
  auto folder = TempFolder::create();
  const std::string log = folder->path() + "/log";
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto options = script("echo $$; while :; do sleep 1000; done");
    options.log_path = log;
    auto process = Process::start(options);
    const bool up = process && poll_until([&] { return !read_file(log).value_or("").empty(); }, Duration::seconds(10));
    ::_exit(up ? 0 : 1);  // no destructor: as a crash
  }
  ASSERT_GT(parent, 0);
  ASSERT_TRUE(poll_until([&] { return read_file(log).value_or("").ends_with("\n"); }, Duration::seconds(10)));
  const std::string command = "/proc/" + std::to_string(std::atoi(read_file(log)->c_str())) + "/cmdline";
  EXPECT_TRUE(poll_until([&] { return read_file(command).value_or("").empty(); }, Duration::seconds(10)));
}

TEST(Process, SecretFilesAreForTheirOwnerAlone) {
  auto folder = TempFolder::create();
  const std::string path = folder->path() + "/secret";
  ASSERT_TRUE(write_secret_file(path, "first"));
  ASSERT_TRUE(write_secret_file(path, "second"));
  EXPECT_EQ(*read_file(path), "second");
  struct stat st{};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777U, 0600U);
  EXPECT_EQ(random_secret().size(), 64U);
  EXPECT_NE(random_secret(), random_secret());
}

TEST(TempFolder, GoesWithItsOwnerUnlessKept) {
  std::string path;
  {
    auto folder = TempFolder::create();
    path = folder->path();
    ASSERT_TRUE(write_file_atomic(path + "/file", "x"));
    TempFolder moved = std::move(*folder);
    EXPECT_TRUE(file_exists(path));
  }
  EXPECT_FALSE(file_exists(path));
  {
    auto folder = TempFolder::create();
    path = folder->path();
    folder->keep();
  }
  EXPECT_TRUE(file_exists(path));
  ::rmdir(path.c_str());
}

TEST(Server, SaysWhyItDidNotBecomeReady) {
  auto folder = TempFolder::create();
  Server::Options options{
      .name = "broken", .process = script("echo cannot bind; exit 1"), .ready = [] { return false; }};
  options.process.log_path = folder->path() + "/log";
  const auto server = Server::start(options);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().reason(), Reason::kProcessFailed);
  EXPECT_NE(server.error().message().find("cannot bind"), std::string::npos);
}

}  // namespace
}  // namespace tenure::lab
