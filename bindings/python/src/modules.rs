//! The package's modules: the one thing that stays when somebody clears `sys.modules`.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// The modules whose classes this module makes instances of, by name, as first imported.
#[pyfunction]
pub(crate) fn modules(py: Python<'_>) -> Py<PyDict> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    MODULES.get_or_init(py, || PyDict::new(py).unbind()).clone_ref(py)
}
