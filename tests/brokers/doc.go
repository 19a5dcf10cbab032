// Package brokers tries whctl with message brokers: real servers of a module of its own, so that whctl itself does not depend on them.
package brokers
