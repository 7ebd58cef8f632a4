// Package sigv4 reads AWS's Signature Version 4 from a request: who signed it,
// for which region and service.
//
// It does not verify anything yet. A signature that is well-formed is taken for
// what it says, whatever key it was made with, as is right for development
// where any credentials are accepted. Verification belongs here as well and
// needs nothing more of a request than what [Parse] returns and the request
// itself.
package sigv4
