// Package code unpacks the zip files of functions into a cache on disk, one
// directory for each content.
//
// A zip file comes from outside and is trusted in nothing: names may not leave
// the directory (all work goes through an [os.Root]), links may not point out
// of it, only files, directories and links are accepted, no name may occur
// twice, and what counts for the size limit is the bytes that come out, not
// what the file claims.
//
// Directories are read-only, as /var/task is on AWS, except for __pycache__
// beside Python files: the code does not change, so what the interpreter
// compiled stays valid.
package code
