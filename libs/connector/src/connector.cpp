#include <tenure/connector/connector.hpp>
