"""Face, voice and detection models behind one neutral interface.

This package knows arrays; it knows nothing of the database, of Streamlit or of the 44 emotions.
"""
