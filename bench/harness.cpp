#include "harness.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <malloc.h>

#include <tenure/base/json.hpp>

namespace tenure::bench {
namespace {

[[noreturn]] void wrong_arguments(const char* program) {
  std::fprintf(stderr, "use: %s [FILTER] [--size S] [--runs N]   0 < S <= 1\n", program);
  std::exit(2);
}

// A line of /proc/self/status: "VmHWM:   123 kB".
std::uint64_t status_bytes(const char* name) {
  std::uint64_t kilobytes = 0;
  std::FILE* file = std::fopen("/proc/self/status", "r");
  if (file == nullptr) return 0;
  char line[256];
  while (std::fgets(line, sizeof line, file) != nullptr)
    if (std::strncmp(line, name, std::strlen(name)) == 0)
      kilobytes = std::strtoull(line + std::strlen(name), nullptr, 10);
  std::fclose(file);
  return kilobytes * 1024;
}

}  // namespace

double seconds(const std::function<void()>& fn) {
  const auto start = std::chrono::steady_clock::now();
  fn();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double quantile(std::vector<double> values, double portion) {
  if (values.empty()) return 0;
  const auto last = values.size() - 1;
  const auto index = std::min(last, static_cast<std::size_t>(portion * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index), values.end());
  return values[index];
}

double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

std::uint64_t resident_bytes() {
  return status_bytes("VmRSS:");
}

std::uint64_t peak_resident_bytes() {
  return status_bytes("VmHWM:");
}

bool reset_peak() {
  std::FILE* file = std::fopen("/proc/self/clear_refs", "w");
  if (file == nullptr) return false;
  const bool written = std::fputs("5", file) >= 0;
  return std::fclose(file) == 0 && written;
}

void trim_memory() {
  ::malloc_trim(0);
}

Turns in_turns(std::size_t runs, const std::function<double()>& ours, const std::function<double()>& peer) {
  Turns turns;
  for (std::size_t run = 0; run < runs; ++run) {
    turns.ours.push_back(ours());
    turns.peer.push_back(peer());
  }
  return turns;
}

Harness::Harness(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const bool has_value = i + 1 < argc;
    if (argument == "--size" && has_value)
      size_ = std::strtod(argv[++i], nullptr);
    else if (argument == "--runs" && has_value)
      runs_ = std::strtoull(argv[++i], nullptr, 10);
    else if (!argument.starts_with("--") && filter_.empty())
      filter_ = argument;
    else
      wrong_arguments(argv[0]);
  }
  if (!(size_ > 0 && size_ <= 1)) wrong_arguments(argv[0]);
}

bool Harness::wants(std::string_view bench) const {
  return bench.find(filter_) != bench.npos || filter_.starts_with(std::string(bench) + ".");
}

std::size_t Harness::scaled(std::size_t n, std::size_t least) const {
  return std::max(least, static_cast<std::size_t>(size_ * static_cast<double>(n)));
}

std::size_t Harness::runs(std::size_t usual) const {
  if (runs_ != 0) return runs_;
  return size_ < 0.1 ? 1 : usual;
}

void Harness::print(const Figure& figure) const {
  if (figure.bench.find(filter_) == std::string::npos) return;
  const auto number = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return std::string(text);
  };
  std::string line = "{\"bench\":";
  json::append_quoted(line, figure.bench);
  line += ",\"value\":" + number(figure.value) + ",\"unit\":";
  json::append_quoted(line, figure.unit);
  line += ",\"n\":" + std::to_string(figure.n);
  if (figure.peer_value) {
    line += ",\"peer\":";
    json::append_quoted(line, figure.peer);
    line += ",\"peer_value\":" + number(*figure.peer_value);
    if (figure.value > 0) line += ",\"ratio\":" + number(*figure.peer_value / figure.value);
  }
  double load = 0;
  if (::getloadavg(&load, 1) == 1) line += ",\"load\":" + number(std::round(load * 10) / 10);
  if (size_ != 1) line += ",\"size\":" + number(size_);
  if (!figure.note.empty()) {
    line += ",\"note\":";
    json::append_quoted(line, figure.note);
  }
  std::printf("%s}\n", line.c_str());
  std::fflush(stdout);
}

void Harness::print(std::string bench, const Turns& turns, std::string peer, std::string note) const {
  Figure figure{.bench = std::move(bench), .value = median(turns.ours), .n = turns.ours.size()};
  if (!turns.peer.empty()) {
    figure.peer = std::move(peer);
    figure.peer_value = median(turns.peer);
  }
  figure.note = std::move(note);
  print(figure);
}

void Harness::expect(bool holds, std::string_view what) {
  if (holds) return;
  wrong_ = true;
  std::fprintf(stderr, "WRONG ANSWER: %.*s\n", static_cast<int>(what.size()), what.data());
}

void Harness::require(const Status& status, std::string_view what) const {
  if (status) return;
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(what.size()), what.data(), status.error().to_string().c_str());
  std::exit(1);
}

void Harness::say(std::string_view what) const {
  std::fprintf(stderr, "  %.*s\n", static_cast<int>(what.size()), what.data());
}

}  // namespace tenure::bench
