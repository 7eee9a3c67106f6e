#include "wire.hpp"

#include <algorithm>
#include <set>

#include <lber.h>
#include <ldap.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <tenure/base/text.hpp>

namespace tenure::connector_ldap {
namespace {

constexpr std::size_t kEntriesMax = 5'000'000;

timeval to_timeval(Duration duration) {
  timeval out{};
  out.tv_sec = duration.to_micros() / 1'000'000;
  out.tv_usec = duration.to_micros() % 1'000'000;
  return out;
}

struct MessageFree {
  void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};
using Message = std::unique_ptr<LDAPMessage, MessageFree>;

struct ControlFree {
  void operator()(LDAPControl* control) const { ldap_control_free(control); }
};
using Control = std::unique_ptr<LDAPControl, ControlFree>;

struct BerFree {
  void operator()(BerElement* element) const { ber_free(element, 0); }
};

struct MemoryFree {
  void operator()(char* text) const { ldap_memfree(text); }
};

// The controls of one request, and the array that libldap wants.
class Controls {
 public:
  void add(LDAPControl* control) { owned_.emplace_back(control); }
  LDAPControl** array() {
    pointers_.clear();
    for (const auto& control : owned_) pointers_.push_back(control.get());
    pointers_.push_back(nullptr);
    return owned_.empty() ? nullptr : pointers_.data();
  }

 private:
  std::vector<Control> owned_;
  std::vector<LDAPControl*> pointers_;
};

// libldap's LDAPMod arrays over our values, without copying the bytes. libldap does not write through the pointers.
class Mods {
 public:
  explicit Mods(const std::vector<Modification>& changes) {
    for (const auto& change : changes) {
      auto values = std::make_unique<Values>();
      for (const auto& value : change.values)
        // libldap takes char* and does not write through it; so below.
        values->bytes.push_back(
            {value.size(), const_cast<char*>(value.data())});  // NOLINT(cppcoreguidelines-pro-type-const-cast)
      for (auto& bytes : values->bytes) values->pointers.push_back(&bytes);
      values->pointers.push_back(nullptr);
      values->mod.mod_op = LDAP_MOD_BVALUES | (change.kind == Modification::Kind::kAdd      ? LDAP_MOD_ADD
                                               : change.kind == Modification::Kind::kDelete ? LDAP_MOD_DELETE
                                                                                            : LDAP_MOD_REPLACE);
      values->mod.mod_type =
          const_cast<char*>(change.attribute.c_str());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
      values->mod.mod_bvalues = change.values.empty() ? nullptr : values->pointers.data();
      owned_.push_back(std::move(values));
    }
    for (const auto& values : owned_) pointers_.push_back(&values->mod);
    pointers_.push_back(nullptr);
  }
  LDAPMod** array() { return pointers_.data(); }

 private:
  struct Values {
    std::vector<berval> bytes;
    std::vector<berval*> pointers;
    LDAPMod mod{};
  };
  std::vector<std::unique_ptr<Values>> owned_;
  std::vector<LDAPMod*> pointers_;
};

// A failure of the library or the connection, before any verdict.
Error library_error(int rc, const std::string& what, Effect effect) {
  const std::string text = what + ": " + ldap_err2string(rc);
  const Retry retry = effect == Effect::kUnknown ? Retry::kAfterReadBack : Retry::kLater;
  switch (rc) {
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
    case LDAP_UNAVAILABLE:
      return {Reason::kTargetUnreachable, text, effect, retry};
    case LDAP_TIMEOUT:
      return {Reason::kTargetTimeout, text, effect, retry};
    case LDAP_FILTER_ERROR:
    case LDAP_PARAM_ERROR:
      return {Reason::kConnectorConfig, text, Effect::kNone, Retry::kNo};
    default:
      return {Reason::kTargetProtocol, text, effect, Retry::kNo};
  }
}

Entry to_entry(LDAP* ld, LDAPMessage* message) {
  Entry out;
  if (const std::unique_ptr<char, MemoryFree> dn(ldap_get_dn(ld, message)); dn) out.dn = dn.get();
  BerElement* element = nullptr;
  std::unique_ptr<char, MemoryFree> name(ldap_first_attribute(ld, message, &element));
  const std::unique_ptr<BerElement, BerFree> cursor(element);
  while (name) {
    auto& values = out.attributes[ascii_lower(name.get())];
    if (berval** found = ldap_get_values_len(ld, message, name.get()); found != nullptr) {
      for (berval** value = found; *value != nullptr; ++value) values.emplace_back((*value)->bv_val, (*value)->bv_len);
      ldap_value_free_len(found);
    }
    name.reset(ldap_next_attribute(ld, message, element));
  }
  return out;
}

}  // namespace

const std::vector<std::string>& Entry::values(std::string_view attribute) const {
  static const std::vector<std::string> kNone;
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? kNone : found->second;
}

std::string Entry::first(std::string_view attribute) const {
  const auto& all = values(attribute);
  return all.empty() ? std::string() : all.front();
}

Error verdict_error(const Verdict& verdict, const std::string& what) {
  std::string text =
      what + ": the server answered " + std::to_string(verdict.code) + " (" + ldap_err2string(verdict.code) + ")";
  if (!verdict.text.empty()) text += ": " + (is_utf8(verdict.text) ? verdict.text.substr(0, 500) : "(not text)");
  switch (verdict.code) {
    case LDAP_NO_SUCH_OBJECT:
      return {Reason::kTargetObjectMissing, text};
    case LDAP_ALREADY_EXISTS:
      return {Reason::kTargetObjectExists, text};
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
      return {Reason::kTargetRights, text};
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
      return {Reason::kTargetCredentials, text};
    case LDAP_BUSY:
    case LDAP_ADMINLIMIT_EXCEEDED:
      return {Reason::kTargetThrottled, text, Effect::kNone, Retry::kLater};
    case LDAP_UNAVAILABLE:
      return {Reason::kTargetUnreachable, text, Effect::kNone, Retry::kLater};
    case LDAP_SIZELIMIT_EXCEEDED:
    case LDAP_TIMELIMIT_EXCEEDED:
    case LDAP_PARTIAL_RESULTS:
      return {Reason::kTargetPartial, text, Effect::kNone, Retry::kLater};
    case LDAP_ASSERTION_FAILED:
      return {Reason::kPriorValueMoved, text, Effect::kNone, Retry::kAfterReadBack};
    case LDAP_OTHER:  // "an internal error occurred" may be anywhere, also after the change
      return {Reason::kTargetProtocol, text, Effect::kUnknown, Retry::kAfterReadBack};
    default:
      return {Reason::kTargetRefused, text};
  }
}

struct Wire::Impl {
  Endpoint endpoint;
  LDAP* ld = nullptr;
  int generation = 0;

  int socket() const {
    int fd = -1;
    if (ld != nullptr) ldap_get_option(ld, LDAP_OPT_DESC, &fd);
    return fd;
  }

  void close() {
    if (ld != nullptr) ldap_unbind_ext(ld, nullptr, nullptr);
    ld = nullptr;
  }

  // Closes: after this error nobody can tell which answer belongs to which request.
  Error broken(int rc, const std::string& what, Effect effect) {
    close();
    return library_error(rc, what, effect);
  }

  // A read from the socket returns within a moment even in the middle of a message, so that the deadline is looked at.
  void bound_socket(const Deadline& deadline) const {
    const int fd = socket();
    if (fd < 0) return;
    const timeval moment = to_timeval(std::min(Duration::millis(100), deadline.left()));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof moment);
    const timeval rest = to_timeval(deadline.left() + Duration::millis(1));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &rest, sizeof rest);
  }

  // Waits for the next message of `id`.
  Result<Message> next(int id, const std::string& what, Effect effect_if_silent, const Deadline& deadline) {
    timeval left = to_timeval(deadline.left());
    LDAPMessage* raw = nullptr;
    const int type = ldap_result(ld, id, LDAP_MSG_ONE, &left, &raw);
    Message message(raw);
    if (type > 0 && message) return message;
    if (type == 0) return fail(broken(LDAP_TIMEOUT, what, effect_if_silent));
    int rc = LDAP_SERVER_DOWN;
    ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &rc);
    return fail(broken(rc == LDAP_SUCCESS ? LDAP_SERVER_DOWN : rc, what, effect_if_silent));
  }

  // The result in a message that ends an operation; `controls` (owned by the caller) if wanted.
  Result<Verdict> verdict(LDAPMessage* message, const std::string& what, Effect effect, LDAPControl*** controls) {
    int rc = LDAP_OTHER;
    char* text = nullptr;
    const int parsed = ldap_parse_result(ld, message, &rc, nullptr, &text, nullptr, controls, 0);
    const std::unique_ptr<char, MemoryFree> owned(text);
    if (parsed != LDAP_SUCCESS) return fail(broken(LDAP_DECODING_ERROR, what, effect));
    return Verdict{rc, text != nullptr ? text : ""};
  }

  Result<Verdict> await(int id, const std::string& what, Effect effect_if_silent, const Deadline& deadline) {
    TENURE_TRY(const Message message, next(id, what, effect_if_silent, deadline));
    return verdict(message.get(), what, effect_if_silent, nullptr);
  }

  Status set_options(const Deadline& deadline) {
    const int version = LDAP_VERSION3;
    const int none = 0;
    const int never = LDAP_DEREF_NEVER;
    const timeval left = to_timeval(deadline.left());
    bool set = ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS &&
               ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
               ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
               ldap_set_option(ld, LDAP_OPT_DEREF, &never) == LDAP_OPT_SUCCESS &&
               ldap_set_option(ld, LDAP_OPT_SIZELIMIT, &none) == LDAP_OPT_SUCCESS &&
               ldap_set_option(ld, LDAP_OPT_TIMELIMIT, &none) == LDAP_OPT_SUCCESS &&
               ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &left) == LDAP_OPT_SUCCESS;
    if (set && (endpoint.starttls || endpoint.uri.starts_with("ldaps:"))) {
      const int demand = LDAP_OPT_X_TLS_DEMAND;
      set = ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == LDAP_OPT_SUCCESS;
      if (set && !endpoint.ca_file.empty())
        set = ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, endpoint.ca_file.c_str()) == LDAP_OPT_SUCCESS;
      // Last: it makes the settings above take effect, and fails when the file cannot be read.
      if (set) set = ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &none) == LDAP_OPT_SUCCESS;
    }
    if (!set)
      return fail(Reason::kConnectorConfig, "libldap refuses the options of this connection (is ca_file readable?)");
    return {};
  }

  Status start_tls(const Deadline& deadline) {
    int id = 0;
    if (const int rc = ldap_start_tls(ld, nullptr, nullptr, &id); rc != LDAP_SUCCESS)
      return fail(broken(rc, "connecting to " + endpoint.uri, Effect::kNone));
    TENURE_TRY(const Verdict answer, await(id, "StartTLS", Effect::kNone, deadline));
    if (answer.code != LDAP_SUCCESS) return fail(verdict_error(answer, "StartTLS"));
    bound_socket(deadline);
    if (const int rc = ldap_install_tls(ld); rc != LDAP_SUCCESS)
      return fail(broken(rc, "TLS handshake with " + endpoint.uri, Effect::kNone));
    return {};
  }

  Status bind(std::string_view password, const Deadline& deadline) {
    berval secret{password.size(),
                  const_cast<char*>(password.data())};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    int id = 0;
    const std::string what = "binding to " + endpoint.uri + " as " + endpoint.bind_dn;
    const int rc = ldap_sasl_bind(ld, endpoint.bind_dn.c_str(), LDAP_SASL_SIMPLE, &secret, nullptr, nullptr, &id);
    if (rc != LDAP_SUCCESS) return fail(broken(rc, what, Effect::kNone));
    bound_socket(deadline);
    TENURE_TRY(const Verdict answer, await(id, what, Effect::kNone, deadline));
    if (answer.code == LDAP_SUCCESS) return {};
    close();
    // A bind that is refused is a matter of credentials, whatever the code (48, 49, 53 for an empty password).
    Error error = verdict_error(answer, what);
    if (answer.code == LDAP_UNWILLING_TO_PERFORM || answer.code == LDAP_NO_SUCH_OBJECT)
      return fail(Reason::kTargetCredentials, error.message());
    return fail(std::move(error));
  }

  // Nothing may be readable while no request is open: then the server has closed, or is about to.
  bool still_open() const {
    const int fd = socket();
    if (fd < 0) return false;
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, 0) == 0;
  }

  // One request of a search. `cookie` in: of the page before; out: of the next, empty at the end.
  Status search_page(const SearchRequest& request, const std::string& what, std::string& cookie,
                     std::vector<Entry>& entries, const Deadline& deadline) {
    Controls controls;
    if (request.page_size > 0) {
      berval previous{cookie.size(), cookie.data()};
      LDAPControl* page = nullptr;
      if (const int rc = ldap_create_page_control(ld, request.page_size, &previous, 1, &page); rc != LDAP_SUCCESS)
        return fail(library_error(rc, what, Effect::kNone));
      controls.add(page);
    }
    std::vector<char*> names;
    for (const auto& name : request.attributes)
      names.push_back(const_cast<char*>(name.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    names.push_back(nullptr);
    int id = 0;
    const int scope = request.scope == SearchScope::kBase ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE;
    if (const int rc = ldap_search_ext(ld, request.base.c_str(), scope, request.filter.c_str(), names.data(), 0,
                                       controls.array(), nullptr, nullptr, 0, &id);
        rc != LDAP_SUCCESS)
      return fail(broken(rc, what, Effect::kNone));

    bool elsewhere = false;
    for (;;) {
      TENURE_TRY(const Message message, next(id, what, Effect::kNone, deadline));
      const int type = ldap_msgtype(message.get());
      if (type == LDAP_RES_SEARCH_ENTRY) {
        entries.push_back(to_entry(ld, message.get()));
        if (entries.size() > kEntriesMax) return fail(Reason::kTargetPartial, what + ": more entries than can be held");
      } else if (type == LDAP_RES_SEARCH_REFERENCE) {
        elsewhere = true;
      } else if (type == LDAP_RES_SEARCH_RESULT) {
        if (elsewhere) return fail(Reason::kTargetPartial, what + ": a part of it is on another server");
        return end_of_page(message.get(), request, what, cookie);
      }
    }
  }

  Status end_of_page(LDAPMessage* message, const SearchRequest& request, const std::string& what, std::string& cookie) {
    LDAPControl** returned = nullptr;
    const auto answer = verdict(message, what, Effect::kNone, &returned);
    std::string next_cookie;
    bool paged = false;
    if (returned != nullptr) {
      LDAPControl* page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, returned, nullptr);
      ber_int_t estimate = 0;
      berval value{};
      if (page != nullptr && ldap_parse_pageresponse_control(ld, page, &estimate, &value) == LDAP_SUCCESS) {
        paged = true;
        next_cookie.assign(value.bv_val != nullptr ? value.bv_val : "", value.bv_len);
        ber_memfree(value.bv_val);
      }
      ldap_controls_free(returned);
    }
    if (!answer) return fail(answer.error());
    if (answer->code == LDAP_REFERRAL) return fail(Reason::kTargetPartial, what + ": it is on another server");
    if (answer->code != LDAP_SUCCESS) return fail(verdict_error(*answer, what));
    if (request.page_size > 0 && !paged)
      return fail(Reason::kTargetPartial, what + ": the server did not say whether there are more pages");
    // A server that repeats a page for ever runs into the deadline; one that repeats an entry, into the id check.
    cookie = std::move(next_cookie);
    return {};
  }

  Result<Controls> write_controls(const WriteOptions& options, const std::string& what) const {
    Controls out;
    if (!options.assertion.empty()) {
      LDAPControl* assertion = nullptr;
      std::string filter = options.assertion;
      if (const int rc = ldap_create_assertion_control(ld, filter.data(), 1, &assertion); rc != LDAP_SUCCESS)
        return fail(library_error(rc, what, Effect::kNone));
      out.add(assertion);
    }
    return out;
  }

  // Sends by `send(controls, id)` and waits. From the moment libldap has been asked to send, silence means unknown.
  template <class Send>
  Result<Verdict> write(const std::string& what, const WriteOptions& options, const Deadline& deadline,
                        const Send& send) {
    TENURE_TRY(Controls controls, write_controls(options, what));
    bound_socket(deadline);
    int id = 0;
    if (const int rc = send(controls.array(), &id); rc != LDAP_SUCCESS)
      return fail(
          broken(rc, what, rc == LDAP_ENCODING_ERROR || rc == LDAP_PARAM_ERROR ? Effect::kNone : Effect::kUnknown));
    return await(id, what, Effect::kUnknown, deadline);
  }
};

Wire::Wire(Endpoint endpoint) : impl_(std::make_unique<Impl>()) {
  impl_->endpoint = std::move(endpoint);
}
Wire::~Wire() {
  impl_->close();
}

int Wire::generation() const {
  return impl_->generation;
}
bool Wire::connected() const {
  return impl_->ld != nullptr;
}
void Wire::close() {
  impl_->close();
}

Status Wire::connect(std::string_view password, const Deadline& deadline) {
  if (connected() && impl_->still_open()) {
    impl_->bound_socket(deadline);
    return {};
  }
  close();
  // RFC 4513 section 5.1.2: a name with an empty password is an anonymous bind that looks like success.
  if (password.empty())
    return fail(Reason::kTargetCredentials, "the password for " + impl_->endpoint.bind_dn + " is empty");
  if (const int rc = ldap_initialize(&impl_->ld, impl_->endpoint.uri.c_str()); rc != LDAP_SUCCESS) {
    impl_->ld = nullptr;
    return fail(Reason::kConnectorConfig, "the address " + impl_->endpoint.uri + " is not an LDAP URL");
  }
  auto status = impl_->set_options(deadline);
  if (status && impl_->endpoint.starttls) status = impl_->start_tls(deadline);
  if (status) status = impl_->bind(password, deadline);
  if (status)
    ++impl_->generation;
  else
    close();
  return status;
}

Result<std::vector<Entry>> Wire::search(const SearchRequest& request, const Deadline& deadline) {
  const std::string what = "searching " + (request.base.empty() ? std::string("the root") : request.base);
  if (!connected())
    return fail(Reason::kTargetUnreachable, what + ": the connection was lost", Effect::kNone, Retry::kLater);
  std::vector<Entry> entries;
  std::string cookie;
  do {
    TENURE_CHECK_OK(impl_->search_page(request, what, cookie, entries, deadline));
  } while (!cookie.empty());
  return entries;
}

Result<Verdict> Wire::add(const std::string& dn, const std::vector<Modification>& attributes,
                          const WriteOptions& options, const Deadline& deadline) {
  const std::string what = "adding " + dn;
  if (!connected())
    return fail(Reason::kTargetUnreachable, what + ": the connection was lost", Effect::kNone, Retry::kLater);
  Mods mods(attributes);
  return impl_->write(what, options, deadline, [&](LDAPControl** controls, int* id) {
    return ldap_add_ext(impl_->ld, dn.c_str(), mods.array(), controls, nullptr, id);
  });
}

Result<Verdict> Wire::modify(const std::string& dn, const std::vector<Modification>& changes,
                             const WriteOptions& options, const Deadline& deadline) {
  const std::string what = "modifying " + dn;
  if (!connected())
    return fail(Reason::kTargetUnreachable, what + ": the connection was lost", Effect::kNone, Retry::kLater);
  Mods mods(changes);
  return impl_->write(what, options, deadline, [&](LDAPControl** controls, int* id) {
    return ldap_modify_ext(impl_->ld, dn.c_str(), mods.array(), controls, nullptr, id);
  });
}

Result<Verdict> Wire::remove(const std::string& dn, const WriteOptions& options, const Deadline& deadline) {
  const std::string what = "deleting " + dn;
  if (!connected())
    return fail(Reason::kTargetUnreachable, what + ": the connection was lost", Effect::kNone, Retry::kLater);
  return impl_->write(what, options, deadline, [&](LDAPControl** controls, int* id) {
    return ldap_delete_ext(impl_->ld, dn.c_str(), controls, nullptr, id);
  });
}

}  // namespace tenure::connector_ldap
