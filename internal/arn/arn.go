// Package arn parses and builds Amazon Resource Names. It is the only place
// in stormbus that splits a name on ":".
//
// An [ARN] is a plain value: comparable, safe to copy and to share.
package arn

import (
	"fmt"
	"strings"
)

// Partition is the partition of every ARN that stormbus builds.
const Partition = "aws"

// ARN is a parsed Amazon Resource Name:
// arn:partition:service:region:account:resource.
type ARN struct {
	Partition string
	Service   string
	Region    string
	Account   string
	Resource  string // everything behind the fifth colon, colons included
}

// Parse splits s into its parts. It fails if s does not begin with "arn:",
// has fewer than six parts, or lacks a partition, a service or a resource.
func Parse(s string) (ARN, error) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return ARN{}, fmt.Errorf("parse ARN %q: want arn:partition:service:region:account:resource", s)
	}
	a := ARN{Partition: parts[1], Service: parts[2], Region: parts[3], Account: parts[4], Resource: parts[5]}
	if a.Partition == "" || a.Service == "" || a.Resource == "" {
		return ARN{}, fmt.Errorf("parse ARN %q: partition, service and resource must not be empty", s)
	}
	return a, nil
}

// Is reports whether s looks like an ARN at all. It is what APIs that accept
// "a name or an ARN" ask first.
func Is(s string) bool { return strings.HasPrefix(s, "arn:") }

// String gives the ARN in its written form.
func (a ARN) String() string {
	return strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
}

// Scope is where a resource lives: every ARN of an account's resources in one
// region shares it.
type Scope struct {
	Region  string
	Account string
}

// Of returns the scope of a.
func (a ARN) Of() Scope { return Scope{Region: a.Region, Account: a.Account} }

func (s Scope) arn(service, resource string) ARN {
	return ARN{Partition: Partition, Service: service, Region: s.Region, Account: s.Account, Resource: resource}
}
