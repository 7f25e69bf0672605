# METADATA
# title: The configuration files of programs, where a ConfigMap holds them
# description: >-
#   For policies that need or want the relation configuration_files. Files of Secrets are not read, and those
#   that are made in the pod are not there before it runs.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/configmap/
package lib.configuration

import data.lib.data_directory
import data.lib.host_path

# METADATA
# title: What a file sets, as a container sees it
# description: Undefined where that is not known. A relative path starts as data_directory has it.
settings(container, path, home) := _file(container, path, home).settings

# METADATA
# title: Why it is not known what a file sets
# description: Undefined where it is known.
unread(container, path, home) := sprintf("%s cannot be read: %s.", [file.source, file.fault]) if {
	file := _file(container, path, home)
} else := sprintf("What stands in the file %s is not known: it lies %s.", [path, place]) if {
	not _file(container, path, home)
	place := data_directory.place(data_directory.volume(container, path, home))
}

# METADATA
# title: A setting as a text
# description: YAML makes numbers of some, and none of what is empty; undefined where there is none.
text(value) := written if {
	written := sprintf("%v", [value])
	written != ""
}

# the volume that lies deepest hides what others have at the same path
_file(container, path, home) := file if {
	volume := data_directory.volume(container, path, home)
	real := host_path.clean(data_directory.absolute(container, path, home))
	some file in input.related.configuration_files.items
	file.container == container.name
	file.volume == volume.name
	host_path.clean(file.path) == real
}
