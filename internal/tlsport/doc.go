// Package tlsport lets one port speak HTTP and HTTPS: the first byte of a
// connection tells which. The certificates for HTTPS come from an authority of
// this data directory's own, made once; they are issued on demand, for the name
// that a client asks for.
//
// The authority is for the clients that are told about it (AWS_CA_BUNDLE). It
// should not be put among those that a whole machine trusts: whoever can read
// its key can be any host for whoever trusts it.
package tlsport
