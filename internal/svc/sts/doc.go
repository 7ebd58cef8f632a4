// Package sts is the part of AWS STS that clients call to learn who they are.
//
// # What differs from AWS
//
// The server knows accounts and no users yet, so every caller is the root of
// the account that its credentials stand for: a 12-digit access key id is the
// account itself, any other key belongs to the server's own account. There are
// no roles to assume; see docs/services/sts.md.
package sts
