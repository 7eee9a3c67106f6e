// One case's view of the target.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include <tenure/base/clock.hpp>
#include <tenure/connector/host.hpp>
#include <tenure/connector/testing/conformance.hpp>

namespace tenure::connector::testing {

using model::AccountImage;
using model::NativeId;
using Image = Result<AccountImage>;

inline const Clock& system_clock() {
  static const std::unique_ptr<Clock> kClock = make_system_clock();
  return *kClock;
}

inline std::string unique_name() {
  static std::atomic<int> count{0};
  return "conf" + std::to_string(++count);
}

// Two connections, so that a read-back never comes from the one that wrote.
class Bench {
 public:
  Bench(Driver& driver, Findings& findings) : driver_(driver), findings_(findings) {
    writer_ = open(driver.settings());
    other_ = open(driver.settings());
  }

  bool ready() const { return writer_ != nullptr && other_ != nullptr; }
  Connection& connection() { return *writer_; }
  AccountReader& reader() { return *other_->account_reader(); }
  AccountWriter& accounts() { return *writer_->account_writer(); }
  GrantWriter& grants() { return *writer_->grant_writer(); }
  const Call& call() const { return call_; }

  std::unique_ptr<Connection> open(const Settings& settings) {
    auto opened = open_checked(driver_.connector(), settings, driver_.secrets(), system_clock());
    if (!findings_.expect_ok(opened, "opening a connection")) return nullptr;
    return std::move(*opened);
  }

  // A fresh account made through the connector, or nothing (which is a finding).
  std::optional<AccountImage> make() {
    draft_ = driver_.draft(unique_name());
    auto image = accounts().create(call_, draft_);
    if (!findings_.expect_ok(image, "create")) return std::nullopt;
    same_as_fresh(*image, "create");
    return std::move(*image);
  }
  const AccountDraft& draft() const { return draft_; }

  // What a verb returned is what another connection reads.
  void same_as_fresh(const AccountImage& image, const std::string& verb) {
    const auto fresh = reader().read_account(call_, image.account.id);
    if (!findings_.expect_ok(fresh, verb + ": reading back")) return;
    if (!findings_.expect(fresh->has_value(), verb + ": the account is there")) return;
    findings_.expect(**fresh == image, verb + ": the image returned equals a fresh reading");
  }

  // The image of a verb that must succeed and be equal to a fresh reading.
  std::optional<AccountImage> done(Image image, const std::string& verb) {
    if (!findings_.expect_ok(image, verb)) return std::nullopt;
    same_as_fresh(*image, verb);
    return std::move(*image);
  }

  std::optional<AccountImage> read(const NativeId& id) {
    auto image = reader().read_account(call_, id);
    if (!findings_.expect_ok(image, "read account")) return std::nullopt;
    return std::move(*image);
  }

 private:
  Driver& driver_;
  Findings& findings_;
  Call call_{Duration::seconds(20), "conformance"};
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<Connection> other_;
  AccountDraft draft_;
};

}  // namespace tenure::connector::testing
